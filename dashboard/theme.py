"""One colour and one label a head, the same everywhere, told apart by colour-blind eyes too."""

from core import HEADS

# Light and dark ground. The first two are after Okabe and Ito 2008, "Color Universal Design"; their
# green is left out, since it looks like the blue to eyes without blue cones.
HEAD_COLOURS = {
    "ctg_out_1": ("#0072B2", "#56B4E9"),
    "ctg_out_2": ("#C04A00", "#F0A030"),
    "bin_out": ("#701C4E", "#F5558A"),
}
assert set(HEAD_COLOURS) == {head.name for head in HEADS}

QUIET = ("#5F6368", "#A8ADB4")

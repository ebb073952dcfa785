"""Widgets that choose the data of the next run, and add images of one's own to choose from."""

import streamlit as st

from core.data import datasets, own_data
from core.data.datasets import Facts
from core.errors import DataError
from core.problems.siamese.settings import SiameseConfig
from dashboard import service, state
from dashboard.plain_text import sentence
from dashboard.steering import settings
from dashboard.steering.callbacks import telling

LARGEST_UPLOAD = 50  # MB, as config.toml has it
FORMAT = (
    f"Up to {LARGEST_UPLOAD} MB, {datasets.LARGEST_ARRAY // 10**6} MB unpacked: images `x` of "
    "shape (N, height, width) or (N, height, width, channels), "
    f"{datasets.SMALLEST_SIDE} to {datasets.LARGEST_SIDE} pixels a side, whole numbers from 0 to "
    "255, floats from 0 to 1, or bool; labels `y`, one class an image, or one-hot. Save them with "
    "`numpy.savez(path, x=x, y=y)`. Or `x_train`, `y_train`, `x_test` and `y_test`, which stay "
    "split so. A larger file, or a folder of images: start with `python3 -m dashboard --data PATH`."
)


def data_settings() -> None:
    """What the pairs are made of, how hard they are, and a place to add images of one's own."""
    dataset_choice()
    settings.widgets(settings.DATA[1:])
    own_images()


def dataset_choice() -> None:
    """The datasets that everybody has, and those that were added; with the facts of the chosen."""
    folder = datasets.folder_of(service.store().path)
    names = [*datasets.BUILT_IN, *datasets.own_names(folder)]
    for wanted in (state.in_address("dataset"), state.get("dataset")):
        try:
            if wanted and wanted not in names:  # one that is not here is told by its run
                names.append(datasets.facts_of(wanted).name)
        except DataError as error:
            state.complain(f"{error} The page takes {names[0]} instead.")
    field = SiameseConfig.model_fields["dataset"]
    chosen = st.selectbox(
        "Dataset", names, help=field.description, **state.bound("dataset", state.default("dataset"))
    )
    facts, is_here = datasets.facts_of(chosen), datasets.is_here(chosen, folder)
    st.caption(sentence(described(facts, is_here)))


def described(facts: Facts, is_here: bool) -> str:
    """The facts of a dataset, and what is to come before it can be trained on."""
    if is_here:
        return f"{facts.in_words()}."
    if facts.is_own:
        return f"{facts.in_words()}. Its images are not here: add them below."
    megabytes = sum(file.size for file in facts.files) / 1e6
    return f"{facts.in_words()}. Train fetches it once, {megabytes:.0f} MB, and then begins."


def own_images() -> None:
    """Upload a file of images; what became of it is told below."""
    st.file_uploader(
        "Your own images, a .npz file",
        type="npz",
        key="own_images",
        help=FORMAT,
        max_upload_size=LARGEST_UPLOAD,
        on_change=take_images,
    )
    if notes := state.get("images_told"):
        st.caption(sentence(notes))


@telling
def take_images():
    """Check the uploaded images, keep them, and choose them."""
    state.put("images_told", None)
    if uploaded := state.get("own_images"):
        added = own_data.add(uploaded, datasets.folder_of(service.store().path))
        state.put("dataset", added.name)
        state.put("images_told", " ".join(added.told))

"""Files that are hostile or damaged: nothing in them is run, and little of them is unpacked."""

import io
import pickle
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import DataError
from core.data import datasets, images, own_data
from tests.own_images import N, npz, sample

X, Y = sample()


def test_nothing_that_a_file_holds_is_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    file = npz(x=X, y=np.array([Bomb()] * N, dtype=object))
    with pytest.raises(DataError, match="holds Python objects"):
        own_data.add(file, tmp_path)
    # A member that is a bare pickle, as numpy.load would read it if it was allowed to.
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as out:
        out.writestr("x.npy", pickle.dumps(Bomb()))
        out.writestr("y.npy", pickle.dumps(Bomb()))
    with pytest.raises(DataError, match="`x` cannot be read"):
        own_data.add(raw, tmp_path)
    assert not (tmp_path / "ran").exists()


def head_of(shape, descr="|u1") -> bytes:
    """The head of an array that need not follow."""
    head = io.BytesIO()
    told = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(head, told)
    return head.getvalue()


def zipped(**members: bytes) -> bytearray:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(f"{name}.npy", content)
    return bytearray(file.getvalue())


def peak_while_refused(content: bytes, folder, match: str) -> int:
    """Bytes taken at most while a file is refused."""
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=match):
            own_data.add(io.BytesIO(content), folder)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_bomb_is_refused_by_what_it_declares_and_never_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "LARGEST_ARRAY", 1_000_000)
    n = 8_000_000
    good = zipped(x=head_of((n // 64, 8, 8)) + bytes(n), y=head_of((n // 64,)) + bytes(n // 64))
    assert len(good) < 50_000
    assert peak_while_refused(good, tmp_path, "would take 8,000,128 bytes unpacked") < 1_000_000
    # One that lies: it unpacks to more than its directory says.
    small = len(head_of((100, 8, 8))) + 6400
    liar = zipped(x=head_of((100, 8, 8)) + bytes(n), y=head_of((100,)) + bytes(100))
    declared = struct.pack("<I", n + small - 6400)
    assert liar.count(declared) == 2  # in the member's own head, and in the directory
    liar = liar.replace(declared, struct.pack("<I", small))
    assert peak_while_refused(liar, tmp_path, "`x` cannot be read: Bad CRC") < 1_000_000


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((10**9, 10**9, 10**9), "but the file has 9"),
        ((-1, 8, 8), "has the shape"),
        ((True, 8, 8), "but the file has|cannot be read"),
        ((2, 8, 8), "says of itself that it has the shape"),
    ],
)
def test_a_head_that_lies_is_refused(tmp_path, shape, said):
    content = zipped(x=head_of(shape) + b"123456789", y=head_of((2,)) + b"12")
    with pytest.raises(DataError, match=said):
        own_data.add(io.BytesIO(content), tmp_path)


@pytest.mark.filterwarnings("ignore")
def test_arrays_of_one_name_and_too_many_of_them_are_refused(tmp_path):
    for names in (["x.npy", "x.npy", "y.npy"], [f"{i}.npy" for i in range(101)]):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as out:
            for name in names:
                out.writestr(name, b"")
        with pytest.raises(DataError, match="Expected are `x` and `y`, and at most 100 in all"):
            own_data.add(file, tmp_path)


VALID = npz(x=X[:16], y=Y[:16]).getvalue()


@given(
    edits=st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.binary(max_size=4)), max_size=5),
    cut=st.integers(0, 40),
)
@pytest.mark.filterwarnings("ignore")
def test_whatever_the_bytes_are_the_answer_is_a_name_or_a_sentence(tmp_path_factory, edits, cut):
    content = bytearray(VALID)
    for at, replaced in edits:
        content[at : at + len(replaced)] = replaced
    folder = tmp_path_factory.getbasetemp() / "fuzzed"
    try:
        added = own_data.add(io.BytesIO(bytes(content[: len(content) - cut])), folder, "fuzzed")
    except DataError:
        pass
    else:
        datasets.facts_of(added.name)
        images.load(added.name, folder)

"""Reads an array of a `.npz` that nobody vouches for: looked at first, then read, never run."""

import zipfile
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np

from core.errors import DataError

LARGEST_FILE = 200_000_000  # bytes
MOST_MEMBERS = 100
CHUNK = 2**16
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@dataclass(frozen=True)
class Header:
    """What an array says of itself before it is read.

    Attributes:
        name: Its name in the file.
        shape: Its shape.
        dtype: Its type, none of which has to be unpickled.
        is_fortran: Whether its first axis is the one that runs fastest.
        offset: Where its values begin in the member.
        size: Bytes of the member, unpacked, as the file declares them.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    is_fortran: bool
    offset: int
    size: int


class Npz:
    """A `.npz` file opened for reading, as a context manager.

    Nothing is unpacked but the headers until an array is read, and nothing beyond the size that
    was declared, which the caller has looked at by then.

    Args:
        file: The file, seekable, or its path.
        name: What to call it in messages.

    Raises:
        DataError: If it is no zip archive, too large, or holds too much.
    """

    def __init__(self, file: BinaryIO | Path, name: str):
        self.name = name
        try:
            self._zip = zipfile.ZipFile(file)
        # The last one is what zipfile raises of an archive of a version that it does not know.
        except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
            raise DataError(
                f"{name} is not a .npz file ({error}). Make one with numpy.savez(path, x=x, y=y)."
            ) from None
        except OSError as error:
            raise DataError(f"{name} cannot be read: {error}.") from None
        members = self._zip.infolist()
        self._members = {member.filename: member for member in members}
        if len(members) > MOST_MEMBERS or len(self._members) < len(members):
            self._zip.close()
            raise DataError(
                f"{name} holds {len(members)} arrays, of which {len(self._members)} have a name of "
                f"their own. Expected are `x` and `y`, and at most {MOST_MEMBERS} in all."
            )

    def __enter__(self) -> "Npz":
        return self

    def __exit__(self, *exception) -> None:
        self._zip.close()

    @property
    def names(self) -> list[str]:
        """The names of its arrays."""
        return [name.removesuffix(".npy") for name in self._members if name.endswith(".npy")]

    def header(self, name: str) -> Header:
        """Look at an array without reading it.

        Raises:
            DataError: If it is not there, or is not what can be read.
        """
        member = self._members.get(f"{name}.npy")
        if member is None:
            there = ", ".join(self.names[:10])[:200] or "none"
            if self._members and not self.names:
                there += ". If it is a packed folder of images, unpack it and add that folder"
            raise DataError(
                f"{self.name} has no array `{name}`; it has: {there}. Save it with "
                "numpy.savez(path, x=images, y=labels)."
            )
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self._bad(name, "is packed in a way that numpy.savez does not use")
        try:
            with self._zip.open(member) as file:
                version = np.lib.format.read_magic(file)
                if version not in _HEADERS:
                    raise ValueError(f"of format version {version}")
                shape, is_fortran, dtype = _HEADERS[version](file)
                offset = file.tell()
        except Exception as error:  # whatever hostile bytes lead to
            what = str(error)[:200] or type(error).__name__
            raise self._bad(name, f"cannot be read: {what}") from None
        if dtype.hasobject:
            # Of images in a list, objects are made by sizes that differ; of labels, by pandas.
            remedy = f"numpy.stack({name})" if len(shape) == 1 else f"numpy.array({name}.tolist())"
            if name[:1] in "yY":
                remedy = f"{name}.astype(str)"
            raise self._bad(
                name,
                "holds Python objects, which are not read, since that could run anything. Save "
                f"numbers or strings: `{name} = {remedy}`",
            )
        if not all(isinstance(n, int) and n >= 0 for n in shape):
            raise self._bad(name, f"has the shape {shape}")
        if prod(shape) * dtype.itemsize != member.file_size - offset:
            raise self._bad(
                name,
                f"says of itself that it has the shape {shape} of {dtype}, which are "
                f"{prod(shape) * dtype.itemsize:,} bytes, but the file has "
                f"{member.file_size - offset:,}. It is damaged: save it again",
            )
        return Header(name, shape, dtype, is_fortran, offset, member.file_size)

    def read(self, header: Header) -> np.ndarray:
        """Read an array whose header was found good; no more than it declares.

        Raises:
            DataError: If it is shorter than declared, or damaged.
        """
        values = bytearray()
        try:
            with self._zip.open(f"{header.name}.npy") as file:
                file.read(header.offset)
                while chunk := file.read(CHUNK):
                    values += chunk
        except Exception as error:  # whatever hostile bytes lead to
            raise self._bad(header.name, f"cannot be read: {str(error)[:200]}") from None
        if len(values) != header.size - header.offset:
            raise self._bad(header.name, "ends too early. It is damaged: save it again")
        array = np.frombuffer(values, header.dtype)
        if header.is_fortran:
            return array.reshape(header.shape[::-1]).T
        return array.reshape(header.shape)

    def _bad(self, name: str, what: str) -> DataError:
        return DataError(f"{self.name}: `{name}` {what}.")

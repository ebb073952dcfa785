"""What is in a folder of images: what is an image of which class, and what becomes of the rest."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from core.data.image_file import endings, is_image

SHOWN = 10  # files that a sentence names
# What systems and archives leave behind, beside all that begins with a dot.
SYSTEM = {"__macosx", "@eadir", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"}
TRAINING = ("train", "training")
VALIDATION = ("validation", "valid", "val", "testing", "test")  # the first that is there


@dataclass
class Listing:
    """The files of a folder.

    Attributes:
        images: Files that should be images, with the names of their classes.
        parts: What the folder is split into: to train on and to validate with; or nothing.
        spare: Parts beyond these, which are left out.
        n_training: How many of the first are to train on, if it is split.
        others: Files and folders that are left out.
        hidden: Files and folders that belong to a system, or are hidden.
        linked: Links to folders that are not followed, since they could lead in a circle.
        empty: Sub-folders without images.
        deeper: Classes whose images all lie in several folders of theirs.
    """

    images: list[tuple[Path, str]] = field(default_factory=list)
    parts: list[Path] = field(default_factory=list)
    spare: list[Path] = field(default_factory=list)
    n_training: int | None = None
    others: list[Path] = field(default_factory=list)
    hidden: list[Path] = field(default_factory=list)
    linked: list[Path] = field(default_factory=list)
    empty: list[Path] = field(default_factory=list)
    deeper: list[Path] = field(default_factory=list)


def listed(folder: Path) -> Listing:
    """The files of a folder, by what becomes of them.

    Raises:
        OSError: If it, or one below it, cannot be read.
    """
    listing = Listing()
    classes = folders_of(folder, listing)
    if parts := parts_of(classes):
        listing.parts = parts
        listing.spare = [other for other in classes if other not in parts]
        for part in parts:
            for entry in folders_of(part, listing):
                list_class(entry, listing)
            if part == parts[0]:
                listing.n_training = len(listing.images)
    else:
        for entry in classes:
            list_class(entry, listing)
    return listing


def folders_of(folder: Path, listing: Listing) -> list[Path]:
    """The folders in one that are not hidden; its files are listed as left out."""
    folders = []
    for entry in sorted(folder.iterdir()):
        if is_hidden(entry.name):
            listing.hidden.append(entry)
        elif entry.is_symlink() and folder.resolve().is_relative_to(entry.resolve()):
            listing.linked.append(entry)
        elif entry.is_dir():
            folders.append(entry)
        else:
            listing.others.append(entry)
    return folders


def parts_of(folders: list[Path]) -> list[Path]:
    """The parts to train on and to validate with, if that is what the folders are; or none.

    They are if their names say so and they hold folders, but no images beside these.
    """
    by_name = {folder.name.lower(): folder for folder in folders}
    pair = [
        next(by_name[name] for name in names if name in by_name)
        for names in (TRAINING, VALIDATION)
        if by_name.keys() & set(names)
    ]
    if len(pair) < 2 or set(by_name) - {*TRAINING, *VALIDATION}:
        return []
    for part in pair:
        inside = [entry for entry in part.iterdir() if not is_hidden(entry.name)]
        images = [entry for entry in inside if entry.suffix.lower() in endings()]
        if images or not any(entry.is_dir() for entry in inside):
            return []
    return pair


def list_class(folder: Path, listing: Listing) -> None:
    """List the files of a class.

    Raises:
        OSError: If a folder below it cannot be read.
    """

    def refuse(error: OSError):
        raise error

    rows, inner, n_before = [], set(), len(listing.images)
    for root, folders, names in os.walk(folder, onerror=refuse):
        for name in folders[:]:
            if is_hidden(name):
                folders.remove(name)
                listing.hidden.append(Path(root, name))
            elif Path(root, name).is_symlink():  # where `os.walk` does not go
                listing.linked.append(Path(root, name))
        rows.append((root, names))
    for root, names in sorted(rows):
        for path in (Path(root, name) for name in sorted(names)):
            if is_hidden(path.name):
                listing.hidden.append(path)
            elif path.is_file() and (
                path.suffix.lower() in endings() if path.suffix else is_image(path)
            ):
                listing.images.append((path, folder.name))
                inner.add(path.relative_to(folder).parts[0] if Path(root) != folder else None)
            else:
                listing.others.append(path)
    if len(listing.images) == n_before:
        listing.empty.append(folder)
    elif len(inner) > 1 and None not in inner:
        listing.deeper.append(folder)


def is_hidden(name: str) -> bool:
    """Whether a file or folder is there for a system, and not for people."""
    return name.startswith(".") or name.lower() in SYSTEM


def sentences(listing: Listing, folder: Path) -> list[str]:
    """What to tell of a folder: all files that are not taken, and what may not have been meant."""
    notes = []
    if listing.parts:
        training, validation = (named(path, folder) for path in listing.parts)
        spare = f"; left out: {first_of(listing.spare, folder)}" if listing.spare else ""
        notes.append(
            f"As it is split, {training} is to train on, {validation} to validate with{spare}."
        )
    for why, paths in (
        ("Left out, since no images of a class", listing.others),
        ("No classes, since without images", listing.empty),
        ("Not followed, since links to folders", listing.linked),
        ("Skipped, since hidden or made by a system", listing.hidden),
    ):
        if paths:
            notes.append(f"{why}: {first_of(paths, folder)}.")
    if any(path.parent == folder and path.suffix.lower() in endings() for path in listing.others):
        notes.append("Put the images of a class into a folder of its name.")
    if listing.deeper:
        notes.append(
            "All images of a class count alike, whatever folder in it they are in: so it is with "
            f"{first_of(listing.deeper, folder)}. To have the folders in one as classes, add "
            f"{printable(listing.deeper[0])}."
        )
    return notes


def first_of(paths: list[Path], folder: Path) -> str:
    """The first ten of a list by what `named` calls them, and how many more there are."""
    return counted([named(path, folder) for path in paths])


def counted(names: list[str]) -> str:
    """The first ten of a list, and how many more there are."""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def named(path: Path, folder: Path) -> str:
    """How a sentence calls a file of a folder."""
    return printable(path.relative_to(folder))


def printable(path: Path) -> str:
    """A path that can be printed, whatever bytes are in it."""
    text = str(path)
    return text if text.isprintable() else repr(text)[1:-1]

"""The pictures of pairs: each image where the store says that it is, however small it is kept."""

import io
import math

import numpy as np
import pytest
from PIL import Image

from core import RunConfig
from core.inside.sprite import sprite
from core.run.config import EVALUATION_PAIRS
from core.store.inside import LARGEST, Cells, cells_of

RANDOM = np.random.default_rng(3)
# Height, width and channels, and what both sides are divided by: noise does not compress, so that
# of each of 1,024 images at most 1,953 bytes may stay.
SIZES = {
    (7, 13, 1): 1,
    (7, 13, 3): 1,
    (4, 64, 1): 1,
    (4, 64, 3): 1,
    (64, 4, 3): 1,
    (8, 16, 1): 1,
    (28, 28, 2): 1,
    (5, 5, 4): 1,
    (45, 47, 1): 2,
    (31, 33, 3): 2,
    (63, 11, 3): 2,
    (11, 63, 4): 2,
    (64, 64, 1): 2,
    (64, 64, 3): 4,
    (61, 63, 3): 4,
    (63, 64, 4): 4,
}


def noise(shape, n=EVALUATION_PAIRS):
    """First and second images of pairs."""
    return RANDOM.integers(256, size=(2, n, *shape), dtype=np.uint8)


def opened(png):
    """The pixels of a PNG, (height, width, channels)."""
    pixels = np.array(Image.open(io.BytesIO(png)))
    return pixels if pixels.ndim == 3 else pixels[..., None]


def cut(pixels, cells, number):
    """One cell: from the first pixel that begins in it to the last."""
    row, column = divmod(number, cells.per_row)
    top, bottom = (math.ceil(place * cells.height) for place in (row, row + 1))
    left, right = (math.ceil(place * cells.width) for place in (column, column + 1))
    return pixels[top:bottom, left:right]


def check_all(png, images, cells, expected):
    """The two images of each pair are in their cells."""
    pixels = opened(png)
    for pair in range(images.shape[1]):
        for side in (0, 1):
            found = cut(pixels, cells, 2 * pair + side)
            assert np.array_equal(found, expected(side, pair)), (pair, side)


@pytest.mark.parametrize(("shape", "by"), SIZES.items(), ids=str)
def test_each_image_is_in_the_cell_that_is_told_of_it(shape, by):
    images = noise(shape)
    png = sprite(*images)
    assert len(png) <= LARGEST
    height, width, channels = shape
    cells = cells_of(png)
    assert cells == Cells(32, math.ceil(height / by), math.ceil(width / by))
    shown = channels if channels in (1, 3, 4) else 1

    def scaled(side, pair):
        return images[side, pair, ::by, ::by, :shown]

    check_all(png, images, cells, scaled)


def test_floats_are_grey_levels_and_the_last_row_may_have_gaps():
    images = noise((9, 6, 1), n=37)
    png = sprite(*np.float32(images / 255))
    cells = cells_of(png, 37)
    assert cells == Cells(32, 9, 6)
    check_all(png, images, cells, lambda side, pair: images[side, pair])
    assert not opened(png)[18:, 10 * 6 :].any(), "74 images are two rows and ten"


@pytest.mark.parametrize("by", [1, 2, 4])
@pytest.mark.parametrize("shape", [(7, 13, 1), (33, 31, 3), (64, 64, 3), (4, 64, 1)], ids=str)
def test_pictures_of_older_versions_are_cut_where_they_were_joined(shape, by):
    """They were scaled down as one picture: what is cut out is all that there is of an image."""
    images = noise(shape)
    height, width = shape[:2]
    cells = images.swapaxes(0, 1).reshape(-1, 32, *shape)
    whole = np.vstack([np.hstack(list(row)) for row in cells])[::by, ::by]
    numbers = np.arange(2 * EVALUATION_PAIRS).reshape(-1, 32)
    owner = numbers.repeat(height, axis=0).repeat(width, axis=1)[::by, ::by]
    file = io.BytesIO()
    Image.fromarray(whole.squeeze()).save(file, "png")
    found = cells_of(file.getvalue())
    for number, n_pixels in enumerate(np.bincount(owner.ravel())):
        mine = cut(owner, found, number)
        assert (mine == number).all()
        assert mine.size == n_pixels


def test_a_store_tells_the_cells_with_the_pictures(store):
    run = store.add_run(RunConfig(), [], "1-test")
    assert store.inside.cells(run) is None
    png = sprite(*noise((45, 47, 1)))
    store.inside.add_pictures(run, png)
    assert store.inside.cells(run) == cells_of(png) == Cells(32, 23, 24)
    assert store.inside.pictures(run) == png

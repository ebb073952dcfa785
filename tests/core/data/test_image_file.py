"""One image file: whatever Pillow reads is read as a person sees it."""

import numpy as np
import pytest
from PIL import Image

from core import DataError
from core.data import image_file
from core.data.image_file import DEEP, FRAMES, GROUND, TURNED, endings, is_image, read_image

RNG = np.random.default_rng(3)
COLOUR = RNG.integers(256, size=(6, 10, 3), dtype=np.uint8)
GREY = COLOUR[..., 0]
ALPHA = RNG.integers(256, size=(6, 10), dtype=np.uint8)
DEEP_GREY = RNG.integers(65536, size=(6, 10), dtype=np.uint16)


def on_white(colour, alpha):
    """Alpha compositing over white, by its definition."""
    share = (alpha / 255)[..., None] if colour.ndim == 3 else alpha / 255
    return colour * share + 255 * (1 - share)


def written(path, image, **options):
    """An image in a file."""
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path, **options)
    return path


def check(path, expected, done=(), within=0):
    """That a file is read as these pixels, and what is told to have been done."""
    image, was_done = read_image(path)
    pixels = np.asarray(image)
    assert (image.mode, pixels.dtype) == ("L" if np.ndim(expected) == 2 else "RGB", np.uint8)
    assert pixels.shape == np.shape(expected)
    np.testing.assert_allclose(pixels, expected, rtol=0, atol=within)
    assert was_done == set(done)


LOSSLESS = {"webp": {"lossless": True}, "jp2": {}, "avif": {"quality": 100, "subsampling": "4:4:4"}}


@pytest.mark.parametrize(
    "ending",
    [
        *("png", "apng", "bmp", "dib", "webp", "tif", "tiff", "ppm", "pnm", "tga", "pcx", "sgi"),
        *("jp2", "qoi", "dds", "avif", "ico"),
    ],
)
def test_colour_in_any_format_is_read_as_it_is(tmp_path, ending):
    square = np.kron(COLOUR[:4, :4], np.ones((4, 4, 1), np.uint8))
    image = square if ending == "ico" else COLOUR  # whose sides are given
    options = {"ico": {"sizes": [(16, 16)]}} | LOSSLESS
    path = written(tmp_path / f"a.{ending}", image, **options.get(ending, {}))
    check(path, image, within=8 if ending == "avif" else 0)


@pytest.mark.parametrize("ending", ["png", "bmp", "tif", "pgm", "tga", "gif", "jp2"])
def test_grey_stays_grey(tmp_path, ending):
    path = written(tmp_path / f"a.{ending}", GREY)
    if ending == "gif":  # has a palette, of greys here
        check(path, np.stack([GREY] * 3, axis=-1))
    else:
        check(path, GREY)


def test_a_jpeg_is_read_as_pillow_reads_it(tmp_path):
    for ending in ("jpg", "jpeg", "jpe", "jfif"):
        path = written(tmp_path / f"a.{ending}", np.full((6, 10, 3), (10, 120, 230), np.uint8))
        check(path, np.full((6, 10, 3), (10, 120, 230)), within=2)


@pytest.mark.parametrize("ending", ["png", "gif", "tif"])
def test_a_palette_is_looked_up(tmp_path, ending):
    few = COLOUR // 64 * 64
    image = Image.fromarray(few).quantize(256)
    check(written(tmp_path / f"a.{ending}", image), np.asarray(image.convert("RGB")))


def test_black_and_white_of_one_bit(tmp_path):
    for ending in ("png", "bmp", "tif", "pbm", "xbm"):
        image = Image.fromarray(GREY > 127).convert("1")
        check(written(tmp_path / f"a.{ending}", image), np.where(GREY > 127, 255, 0))


def test_inks_are_seen_as_colours(tmp_path):
    # Cyan takes red away, and so on; black takes away all.
    inks = Image.new("CMYK", (10, 6), (255, 0, 100, 51))
    expected = np.full((6, 10, 3), (0, 255 * 0.8, 155 * 0.8))
    check(written(tmp_path / "a.tif", inks), expected, within=1)
    check(written(tmp_path / "a.jpg", inks, quality=100), expected, within=3)


# Transparency


@pytest.mark.parametrize("ending", ["png", "webp", "tif", "tga", "jp2"])
def test_what_is_transparent_is_put_on_white_and_told(tmp_path, ending):
    image = np.dstack([COLOUR, ALPHA])
    options = {"lossless": True, "exact": True} if ending == "webp" else {}
    path = written(tmp_path / f"a.{ending}", image, **options)
    check(path, on_white(COLOUR, ALPHA), {GROUND}, within=1)


def test_grey_that_is_transparent_stays_grey(tmp_path):
    image = Image.merge("LA", (Image.fromarray(GREY), Image.fromarray(ALPHA)))
    check(written(tmp_path / "a.png", image), on_white(GREY, ALPHA), {GROUND}, within=1)


def test_an_alpha_that_hides_nothing_is_not_told(tmp_path):
    image = np.dstack([COLOUR, np.full_like(ALPHA, 255)])
    check(written(tmp_path / "a.png", image), COLOUR)


@pytest.mark.parametrize(
    ("image", "clear", "expected"),
    [
        (COLOUR, tuple(COLOUR[2, 3].tolist()), COLOUR),
        (GREY, int(GREY[2, 3]), GREY),
        (DEEP_GREY, int(DEEP_GREY[2, 3]), np.rint(DEEP_GREY / 257)),
    ],
    ids=["colour", "grey", "16 bits"],
)
def test_one_colour_may_be_the_transparent_one(tmp_path, image, clear, expected):
    path = written(tmp_path / "a.png", image, transparency=clear)
    hidden = image == clear if image.ndim == 2 else (image == clear).all(axis=-1)
    expected = expected.copy()
    expected[hidden] = 255
    check(path, expected, {GROUND, DEEP} if image is DEEP_GREY else {GROUND})


@pytest.mark.parametrize("clear", [0, bytes([0, 128, 255])], ids=["one", "shares"])
def test_a_palette_may_have_transparent_colours(tmp_path, clear):
    indices = (GREY % 3).astype(np.uint8)
    colours = np.array([(200, 0, 0), (0, 200, 0), (0, 0, 200)])
    alpha = np.array([0, 255, 255]) if clear == 0 else np.array([*clear])
    image = Image.fromarray(indices).copy()
    image.putpalette(colours.astype(np.uint8).tobytes())
    path = written(tmp_path / "a.png", image, transparency=clear)
    check(path, on_white(colours[indices], alpha[indices]), {GROUND}, within=1)


# Levels


@pytest.mark.parametrize("ending", ["png", "tif", "pgm", "jp2"])
def test_16_bits_become_8_by_their_share_of_white(tmp_path, ending):
    options = {"jp2": {"irreversible": False}}.get(ending, {})
    path = written(tmp_path / f"a.{ending}", DEEP_GREY, **options)
    check(path, np.rint(DEEP_GREY / 65535 * 255), {DEEP})


def test_big_endian_levels(tmp_path):
    path = written(tmp_path / "a.tif", DEEP_GREY.astype(">u2"))
    check(path, np.rint(DEEP_GREY / 65535 * 255), {DEEP})


def test_levels_of_which_0_is_white(tmp_path):
    # As TIFF 6.0 defines PhotometricInterpretation.
    path = written(tmp_path / "a.tif", DEEP_GREY, tiffinfo={262: 0})
    check(path, np.rint(255 - DEEP_GREY / 65535 * 255), {DEEP}, within=1)


def test_shares_of_white_as_floats(tmp_path):
    shares = (DEEP_GREY / 65535).astype(np.float32)
    check(written(tmp_path / "a.tif", shares), np.rint(shares * 255), {DEEP})


@pytest.mark.parametrize(
    "levels",
    [
        DEEP_GREY.astype(np.int32) * 100,
        DEEP_GREY.astype(np.float32),
        np.full((6, 10), np.nan, np.float32),
    ],
)
def test_levels_whose_white_is_not_known_are_refused(tmp_path, levels):
    with pytest.raises(DataError, match="which is white is not known; save it with 8 or 16 bits"):
        read_image(written(tmp_path / "a.tif", levels))


# Orientation and frames


def turned(pixels, orientation):
    """The pixels as they are shown, by the definition of EXIF 2.3: where row 0 and column 0 are."""
    return {
        1: pixels,  # top, left
        2: pixels[:, ::-1],  # top, right
        3: pixels[::-1, ::-1],  # bottom, right
        4: pixels[::-1],  # bottom, left
        5: pixels.swapaxes(0, 1),  # left, top
        6: pixels.swapaxes(0, 1)[:, ::-1],  # right, top
        7: pixels.swapaxes(0, 1)[::-1, ::-1],  # right, bottom
        8: pixels.swapaxes(0, 1)[::-1],  # left, bottom
    }[orientation]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["png", "tif", "webp", "jpg"])
def test_an_image_is_upright_as_its_camera_was_held(tmp_path, ending, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    blocks = np.kron(COLOUR[:2, :3], np.ones((16, 16, 1), np.uint8))
    options = {"jpg": {"quality": 100, "subsampling": 0}} | LOSSLESS
    path = written(tmp_path / f"a.{ending}", blocks, exif=exif, **options.get(ending, {}))
    done = set() if orientation == 1 else {TURNED}
    check(path, turned(blocks, orientation), done, within=6 if ending == "jpg" else 0)


def test_grey_transparent_and_deep_images_are_turned_too(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = written(tmp_path / "a.png", DEEP_GREY, exif=exif)
    check(path, turned(np.rint(DEEP_GREY / 257), 6), {TURNED, DEEP})
    path = written(tmp_path / "b.png", np.dstack([COLOUR, ALPHA]), exif=exif)
    check(path, turned(on_white(COLOUR, ALPHA), 6), {TURNED, GROUND}, within=1)


def test_an_exif_that_cannot_be_read_turns_nothing(tmp_path):
    for i, exif in enumerate((b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff")):
        path = written(tmp_path / f"{i}.png", COLOUR, exif=exif)
        check(path, COLOUR)


@pytest.mark.parametrize("ending", ["gif", "webp", "png", "tif"])
def test_of_several_frames_the_first_is_taken(tmp_path, ending):
    frames = [np.full((6, 10, 3), level, np.uint8) for level in (40, 90, 200)]
    first, *more = map(Image.fromarray, frames)
    options = {"save_all": True, "append_images": more, **LOSSLESS.get(ending, {})}
    check(written(tmp_path / f"a.{ending}", first, **options), frames[0], {FRAMES})


# What is none


def test_what_is_no_image_is_told_in_few_words(tmp_path):
    whole = written(tmp_path / "whole.png", COLOUR).read_bytes()
    for content, said in (
        (b"", "^it is empty$"),
        (b"<html>", "^no image that Pillow reads$"),
        (whole[:60], "truncated|broken"),
        (whole[:8] + b"\xff" * 60, "."),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "^no image that Pillow reads$"),
    ):
        (tmp_path / "a.png").write_bytes(content)
        with pytest.raises(DataError, match=said) as refused:
            read_image(tmp_path / "a.png")
        assert len(str(refused.value)) <= 100
        assert str(tmp_path) not in str(refused.value)


def test_no_program_is_run_to_read_an_image(tmp_path, monkeypatch):
    # Ghostscript would: EPS is one.
    monkeypatch.setattr("subprocess.Popen", lambda *args, **kwargs: pytest.fail(f"ran {args}"))
    path = written(tmp_path / "a.eps", COLOUR)
    with Image.open(path) as image:
        assert image.format == "EPS"
    assert not is_image(path)
    with pytest.raises(DataError, match="no image"):
        read_image(path)
    assert not {".eps", ".ps", ".pdf", ".mpg", ".h5", ".txt", ".npz"} & endings()


def test_an_image_that_would_fill_the_memory_is_not_decoded(tmp_path, monkeypatch):
    path = written(tmp_path / "a.png", np.zeros((300, 200), np.uint8))
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    for most, limit in ((59_999, 10**9), (10**9, 59_999), (10**9, 29_000)):  # ours, Pillow's two
        monkeypatch.setattr(image_file, "LARGEST_IMAGE", most)
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with pytest.raises(DataError, match="more than 50,000,000 pixels"):
            read_image(path)


def test_the_files_of_the_formats_that_people_have_are_known_by_their_names():
    known = ".bmp .gif .jpeg .jpg .png .webp .tif .tiff .avif .jp2 .ppm .pgm .tga .ico .jfif .mpo"
    assert endings() >= set(known.split())

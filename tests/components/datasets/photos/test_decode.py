"""Pictures of every mode and orientation become upright RGB; damaged ones are named."""

import numpy as np
import pytest
from PIL import Image

from efgan_kit.components.datasets.photos.decode import decode, upright_size
from efgan_kit.errors import EfganError

GREY = np.arange(0, 240, dtype=np.uint8).reshape(12, 20)
UPRIGHT = np.stack([GREY, 255 - GREY, GREY // 2], -1)
STORED_AS = {  # how a camera stores the upright picture under each EXIF orientation (TIFF 6.0, page 36)
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
    8: lambda a: np.rot90(a, -1),
}


def read(path, **options):
    picture = decode(path, **options)
    assert picture.mode == "RGB"
    return np.asarray(picture)


@pytest.mark.parametrize("orientation", STORED_AS)
def test_every_orientation_comes_out_upright(tmp_path, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    stored = np.ascontiguousarray(STORED_AS[orientation](UPRIGHT))
    Image.fromarray(stored).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read(tmp_path / "a.png"), UPRIGHT)
    assert upright_size(tmp_path / "a.png") == (20, 12)


def test_metadata_that_is_no_orientation_is_ignored(tmp_path):
    exif = Image.Exif()
    exif[274] = 77
    Image.fromarray(UPRIGHT).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read(tmp_path / "a.png"), UPRIGHT)


def test_grey_becomes_three_equal_channels(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.png")
    assert np.array_equal(read(tmp_path / "a.png"), GREY[..., None].repeat(3, -1))


def test_sixteen_bits_keep_their_brightness(tmp_path):
    Image.fromarray(GREY.astype(np.uint16) * 257).save(tmp_path / "a.png")
    assert np.array_equal(read(tmp_path / "a.png"), GREY[..., None].repeat(3, -1))


def test_transparent_pixels_lie_on_white(tmp_path):
    alpha = np.zeros_like(GREY)
    alpha[:, 10:] = 255
    Image.fromarray(np.dstack([UPRIGHT, alpha])).save(tmp_path / "a.png")
    pixels = read(tmp_path / "a.png")
    assert (pixels[:, :10] == 255).all()
    assert np.array_equal(pixels[:, 10:], UPRIGHT[:, 10:])


def test_palette_with_a_transparent_colour(tmp_path):
    picture = Image.new("P", (4, 4), 1)
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.putpixel((0, 0), 0)
    picture.save(tmp_path / "a.png", transparency=0)
    pixels = read(tmp_path / "a.png")
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[1, 1].tolist() == [0, 0, 255]


def test_cmyk_print_colours(tmp_path):
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "red.jpg", quality=95)
    red, green, blue = read(tmp_path / "red.jpg")[4, 4]
    assert red > 240
    assert green < 15
    assert blue < 15


def test_large_jpeg_is_read_at_a_fraction_if_that_is_enough(tmp_path):
    Image.new("RGB", (640, 480), (10, 200, 30)).save(tmp_path / "a.jpg")
    assert decode(tmp_path / "a.jpg", finest=0.3).size == (320, 240)
    assert decode(tmp_path / "a.jpg", finest=0.6).size == (640, 480)
    assert decode(tmp_path / "a.jpg").size == (640, 480)


def test_huge_pictures_are_refused_unread(tmp_path):
    Image.new("1", (9001, 9001)).save(tmp_path / "a.png")
    with pytest.raises(EfganError, match="more than 80 megapixels"):
        decode(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
@pytest.mark.parametrize("keep", [0.0, 0.02, 0.5, 0.9])
def test_truncated_files_are_faults(tmp_path, name, keep):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / name)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(EfganError, match="images/x: is not a readable picture"):
        decode(tmp_path / name, where="images/x", finest=1 / 8)


def test_floating_point_pictures_are_refused(tmp_path):
    Image.fromarray(GREY.astype(np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(EfganError, match="no agreed white"):
        decode(tmp_path / "a.tif")


def test_missing_file_and_folder_are_told_apart(tmp_path):
    with pytest.raises(EfganError, match="no such picture"):
        decode(tmp_path / "a.png")
    with pytest.raises(EfganError, match="is a folder"):
        decode(tmp_path)

"""Photos are read upright and whole: nothing that a file holds is lost without a word."""

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from efgan_kit.editing.photo_files import open_photo
from efgan_kit.errors import EfganError

RANDOM = np.random.default_rng(0)
COLOUR = RANDOM.integers(0, 256, (20, 30, 3), dtype=np.uint8)
GREY = RANDOM.integers(0, 256, (20, 30), dtype=np.uint8)
DEEP_GREY = RANDOM.integers(0, 65536, (20, 30), dtype=np.uint16)


def save(path, array_or_image, **options):
    image = array_or_image if isinstance(array_or_image, Image.Image) else Image.fromarray(array_or_image)
    image.save(path, **options)
    return path


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / "a.png", COLOUR, exif=exif)
    photo = open_photo(path)
    with Image.open(path) as image:
        assert np.array_equal(photo.pixels, np.asarray(ImageOps.exif_transpose(image)))
    assert photo.kept.exif is not None
    assert 0x0112 not in photo.kept.exif


def test_grey_stays_grey_and_is_seen_as_rgb(tmp_path):
    photo = open_photo(save(tmp_path / "a.png", GREY))
    assert (photo.values.shape, photo.bits, photo.alpha) == ((20, 30, 1), 8, None)
    assert np.array_equal(photo.pixels, np.repeat(GREY[..., None], 3, axis=2))


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_grey_of_16_bits_keeps_all_of_them(tmp_path, suffix):
    photo = open_photo(save(tmp_path / f"a{suffix}", DEEP_GREY))
    assert photo.bits == 16
    assert np.array_equal(photo.values[..., 0], DEEP_GREY)
    assert np.abs(photo.pixels[..., 0] - DEEP_GREY / 257).max() <= 0.51


def test_transparency_is_kept_apart_and_seen_on_white(tmp_path):
    alpha = np.zeros((20, 30), np.uint8)
    alpha[:, 10:] = 255
    photo = open_photo(save(tmp_path / "a.png", np.dstack([COLOUR, alpha])))
    assert np.array_equal(photo.values, COLOUR)
    assert np.array_equal(photo.alpha, alpha)
    assert (photo.pixels[:, :10] == 255).all()
    assert np.array_equal(photo.pixels[:, 10:], COLOUR[:, 10:])
    photo = open_photo(save(tmp_path / "b.png", np.dstack([GREY, alpha])))
    assert photo.values.shape == (20, 30, 1)
    assert np.array_equal(photo.alpha, alpha)


def test_a_palette_becomes_its_colours(tmp_path):
    image = Image.fromarray(COLOUR).quantize(16)
    photo = open_photo(save(tmp_path / "a.gif", image))
    assert np.array_equal(photo.values, np.asarray(image.convert("RGB")))
    image.info["transparency"] = 3
    photo = open_photo(save(tmp_path / "b.png", image, transparency=3))
    assert np.array_equal(photo.alpha == 0, np.asarray(image) == 3)


def test_cmyk_becomes_srgb_and_says_how(tmp_path):
    image = Image.fromarray(COLOUR).convert("CMYK")
    photo = open_photo(save(tmp_path / "a.tif", image))
    assert np.array_equal(photo.values, np.asarray(image.convert("RGB")))
    assert "without a usable profile" in photo.warnings[0]
    assert photo.kept.icc is None


def test_a_colour_profile_is_kept_with_the_colours_that_it_is_for(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = open_photo(save(tmp_path / "a.png", COLOUR, icc_profile=profile))
    assert photo.kept.icc == profile
    assert np.array_equal(photo.values, COLOUR)


def test_colour_of_16_bits_keeps_all_of_them_with_opencv(tmp_path):
    cv2 = pytest.importorskip("cv2")
    deep = RANDOM.integers(0, 65536, (20, 30, 4), dtype=np.uint16)
    cv2.imwrite(str(tmp_path / "a.png"), deep)
    photo = open_photo(tmp_path / "a.png")
    assert photo.bits == 16
    assert np.array_equal(photo.values, deep[..., 2::-1])
    assert np.array_equal(photo.alpha, deep[..., 3])
    cv2.imwrite(str(tmp_path / "a.tif"), deep[..., :3])
    assert np.array_equal(open_photo(tmp_path / "a.tif").values, deep[..., 2::-1])


def test_colour_of_16_bits_without_opencv_says_what_is_lost(tmp_path, monkeypatch):
    cv2 = pytest.importorskip("cv2")
    cv2.imwrite(str(tmp_path / "a.png"), np.full((8, 8, 3), 257 * 100, np.uint16))
    monkeypatch.setattr("efgan_kit.editing.deep_colour._opencv", lambda: None)
    photo = open_photo(tmp_path / "a.png")
    assert photo.bits == 8
    assert (photo.values == 100).all()
    assert "efgan-kit[deep]" in photo.warnings[0]


REFUSED = {
    "animation": ("holds 2 frames", ".gif"),
    "animated WebP": ("holds 2 frames", ".webp"),
    "pages": ("holds 2 pages", ".tif"),
}


@pytest.mark.parametrize(("message", "suffix"), REFUSED.values(), ids=REFUSED.keys())
def test_files_of_several_pictures_are_refused(tmp_path, message, suffix):
    other = Image.fromarray(255 - COLOUR)
    path = save(tmp_path / f"a{suffix}", COLOUR, save_all=True, append_images=[other])
    with pytest.raises(EfganError, match=message):
        open_photo(path)


NOT_PICTURES = {
    b"": "the file is empty",
    b"%PDF-1.7\n": "it is a PDF",
    b"\x00\x00\x00\x18ftypheic": "HEIC",
    b"some text": "format is not known",
}


@pytest.mark.parametrize(("content", "message"), NOT_PICTURES.items())
def test_what_is_no_picture_is_called_by_its_name(tmp_path, content, message):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(EfganError, match=message):
        open_photo(tmp_path / "a.jpg")


def test_a_truncated_picture_is_refused(tmp_path):
    path = save(tmp_path / "a.jpg", COLOUR)
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(EfganError, match="not a readable picture"):
        open_photo(path)

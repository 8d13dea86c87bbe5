"""A damaged picture is refused in words, or read as a picture; in training and in editing."""

import io

import numpy as np
import pytest
from hypothesis import given
from PIL import Image, PngImagePlugin

from efgan_kit.components.datasets.photos.decode import MEGAPIXELS, decode, upright_size
from efgan_kit.editing.photo_files import open_photo

from .damage import damaged, refused_or_right

PIXELS = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)


def written(form, mode="RGB", **options):
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).convert(mode).save(buffer, form, **options)
    return buffer.getvalue()


def exif():
    tags = Image.Exif()
    tags[0x0112] = 6
    tags[0x010E] = "a description"
    return tags.tobytes()


def texts():
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta/>")
    info.add_text("comment", "words" * 50, zip=True)
    return info


SAMPLES = {
    "jpeg": (".jpg", written("JPEG", exif=exif(), quality=80)),
    "progressive": (".jpg", written("JPEG", progressive=True)),
    "cmyk": (".jpg", written("JPEG", "CMYK")),
    "png": (".png", written("PNG", pnginfo=texts())),
    "alpha": (".png", written("PNG", "RGBA")),
    "palette": (".png", written("PNG", "P")),
    "webp": (".webp", written("WEBP", exif=exif())),
    "tiff": (".tif", written("TIFF", compression="tiff_lzw")),
    "bmp": (".bmp", written("BMP")),
}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.filterwarnings("ignore")  # of Pillow's, about metadata that it passes over
def test_damaged_pictures(name, fuzzed, tmp_path):
    suffix, whole = SAMPLES[name]
    path = tmp_path / f"picture{suffix}"

    @fuzzed
    @given(damaged(whole))
    def holds(data):
        path.write_bytes(data)
        image = refused_or_right(lambda: decode(path), str(path))
        size = refused_or_right(lambda: upright_size(path), str(path))
        if image is not None:
            assert image.mode == "RGB"
            assert image.width * image.height <= MEGAPIXELS * 1e6
            assert size == image.size
        photo = refused_or_right(lambda: open_photo(path), str(path))
        if photo is not None:
            assert photo.pixels.dtype == np.uint8
            assert photo.pixels.shape[2] == 3

    holds()

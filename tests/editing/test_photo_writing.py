"""Edited photos keep what their originals said, say that they were edited, and show no old thumbnail."""

import html

import attrs
import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from efgan_kit.editing.photo_files import Photo, open_photo
from efgan_kit.editing.photo_writing import write_photo
from efgan_kit.editing.provenance import SOURCE_TYPE, Provenance, xmp_of

GPS, CAMERA = 0x8825, 0x8769
THUMBNAIL = b"the old face, small"
DONE = Provenance("mine", ("AU12 0.10 -> 0.80",))
SMOOTH = (np.indices((64, 96)).sum(axis=0)[..., None] + np.array([0, 40, 80])).astype(np.uint8)
OLD_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/'
    b'1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    b'tiff:Orientation="6" Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/'
    b'digitalCapture"><dc:creator><rdf:Seq><rdf:li>Ada</rdf:li></rdf:Seq></dc:creator>'
    b"<xmp:Thumbnails>OLDFACE</xmp:Thumbnails></rdf:Description></rdf:RDF></x:xmpmeta>"
)


@pytest.fixture
def original(tmp_path):
    """A JPEG as a camera writes it: turned, with GPS, a profile-less colour, XMP and a thumbnail."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Camera", 6
    exif[CAMERA] = {0x829A: 0.01, 0xA002: 96, 0xA003: 64}
    exif[GPS] = {1: "N", 2: (52.0, 31.0, 12.0)}
    path = tmp_path / "original.jpg"
    tables = [[3 + i // 8 for i in range(64)], [5 + i // 8 for i in range(64)]]
    image = Image.fromarray(SMOOTH)
    image.save(path, exif=exif, xmp=OLD_XMP, qtables=tables, subsampling=1, dpi=(300, 300))
    return _with_thumbnail(path)


def _with_thumbnail(path):
    """The file with a thumbnail behind its EXIF's first directory, which Pillow does not write by itself."""
    with Image.open(path) as image:
        head = image.info["exif"]
    data = bytearray(head[6:])
    order = "little" if data[:2] == b"II" else "big"
    first = int.from_bytes(data[4:8], order)
    link = first + 2 + 12 * int.from_bytes(data[first : first + 2], order)
    data[link : link + 4] = len(data).to_bytes(4, order)
    data += bytes(2) + bytes(4) + THUMBNAIL
    new = b"\xff\xe1" + (len(data) + 8).to_bytes(2, "big") + b"Exif\0\0" + bytes(data)
    whole = path.read_bytes().replace(b"\xff\xe1" + (len(head) + 2).to_bytes(2, "big") + head, new)
    assert THUMBNAIL in whole
    path.write_bytes(whole)
    return path


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
def test_metadata_is_kept_without_thumbnail_and_orientation(original, tmp_path, suffix):
    photo = open_photo(original)
    out = tmp_path / f"out{suffix}"
    assert write_photo(out, photo, photo.values, DONE) == []
    with Image.open(out) as image:
        exif = image.getexif()
        assert image.size == (64, 96)
        assert exif[0x010F].rstrip("\0") == "Camera"
        assert exif[0x0112] == 1
        assert "efgan_kit" in exif[0x0131]
        assert exif.get_ifd(GPS)[2] == (52.0, 31.0, 12.0)
        assert float(exif.get_ifd(CAMERA)[0x829A]) == pytest.approx(0.01)
        assert (exif.get_ifd(CAMERA)[0xA002], exif.get_ifd(CAMERA)[0xA003]) == (64, 96)
        xmp = image.info.get("xmp") or image.info["XML:com.adobe.xmp"].encode()
    assert b"Ada" in xmp
    assert b"OLDFACE" not in out.read_bytes()
    assert THUMBNAIL not in out.read_bytes()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("metadata", ["keep", "drop"])
def test_the_file_says_that_the_face_was_edited(original, tmp_path, suffix, metadata):
    photo = open_photo(original)
    out = tmp_path / f"out{suffix}"
    write_photo(out, photo, photo.values, DONE, metadata)
    with Image.open(out) as image:
        packet = image.info.get("xmp") or image.info["XML:com.adobe.xmp"]
        packet = html.unescape(packet.decode() if isinstance(packet, bytes) else packet)
        exif = image.getexif()
    assert SOURCE_TYPE in packet
    assert "digitalCapture" not in packet
    assert "face edited with efgan_kit" in packet
    assert "run mine: AU12 0.10 -> 0.80" in packet
    assert "face edited" in exif[0x0131]
    if metadata == "drop":
        assert "Ada" not in packet
        assert 0x010F not in exif
        assert not exif.get_ifd(GPS)


def test_a_png_says_so_in_its_texts_too(tmp_path):
    write_photo(tmp_path / "a.png", Photo(SMOOTH), SMOOTH, DONE)
    with Image.open(tmp_path / "a.png") as image:
        assert image.text["Comment"] == DONE.sentence
        assert np.array_equal(np.asarray(image), SMOOTH)


def test_a_jpeg_is_compressed_as_it_was(original, tmp_path):
    photo = open_photo(original)
    write_photo(tmp_path / "out.jpg", photo, photo.values, DONE)
    with Image.open(original) as before, Image.open(tmp_path / "out.jpg") as after:
        assert before.quantization == after.quantization
        assert JpegImagePlugin.get_sampling(before) == JpegImagePlugin.get_sampling(after)
        assert after.info["dpi"] == pytest.approx((300, 300))
    again = open_photo(tmp_path / "out.jpg")
    assert np.abs(again.values.astype(int) - photo.values).max() <= 3


def test_what_was_no_jpeg_becomes_a_fine_one(tmp_path):
    write_photo(tmp_path / "a.jpg", Photo(SMOOTH), SMOOTH, DONE)
    with Image.open(tmp_path / "a.jpg") as image:
        assert JpegImagePlugin.get_sampling(image) == 0
        assert np.abs(np.asarray(image).astype(int) - SMOOTH).max() <= 6


def test_transparency_is_written_back_or_its_loss_told(tmp_path):
    alpha = np.tile(np.arange(0, 192, 2, dtype=np.uint8), (64, 1))
    photo = Photo(SMOOTH, alpha=alpha)
    for suffix in (".png", ".webp", ".tif"):
        assert write_photo(tmp_path / f"a{suffix}", photo, SMOOTH, DONE) == []
        with Image.open(tmp_path / f"a{suffix}") as image:
            assert np.array_equal(np.asarray(image)[..., 3], alpha)
    assert "on white" in write_photo(tmp_path / "a.jpg", photo, SMOOTH, DONE)[0]
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.mode == "RGB"
        assert np.asarray(image)[:, 0].min() > 245


def test_sixteen_bits_are_written_back_or_their_loss_told(tmp_path):
    grey = np.linspace(0, 65535, 64 * 96).reshape(64, 96, 1).astype(np.uint16)
    for suffix in (".png", ".tif"):
        assert write_photo(tmp_path / f"a{suffix}", Photo(grey), grey, DONE) == []
        assert np.array_equal(open_photo(tmp_path / f"a{suffix}").values, grey)
    assert "8 bits" in write_photo(tmp_path / "a.jpg", Photo(grey), grey, DONE)[0]
    colour = np.repeat(grey, 3, axis=2)
    lost = write_photo(tmp_path / "b.tif", Photo(colour), colour, DONE)
    assert lost == [".tif is written with 8 bits a colour of 16; .png has all"]


def test_colours_of_16_bits_go_into_a_png_with_all_that_it_says(tmp_path, original):
    pytest.importorskip("cv2")
    colour = np.random.default_rng(1).integers(0, 65536, (64, 96, 3), dtype=np.uint16)
    photo = attrs.evolve(open_photo(original), values=colour)
    assert write_photo(tmp_path / "a.png", photo, colour, DONE) == []
    again = open_photo(tmp_path / "a.png")
    assert np.array_equal(again.values, colour)
    assert again.kept.exif is not None
    assert again.kept.exif[0x010F] == "Camera"
    assert b"face edited" in again.kept.xmp


def test_bmp_holds_no_word_of_it_and_that_is_said(tmp_path):
    assert "does not say" in write_photo(tmp_path / "a.bmp", Photo(SMOOTH), SMOOTH, DONE)[0]


@pytest.mark.parametrize("damaged", [b"not XML", b"<a><b></a>", b"<!DOCTYPE x [<!ENTITY e 'x'>]><x>&e;</x>", b""])
def test_xmp_that_cannot_be_read_gives_way(damaged):
    packet = xmp_of(DONE, damaged)
    assert packet == xmp_of(DONE, None)
    assert SOURCE_TYPE.encode() in packet


def test_a_second_edit_is_added_to_the_history():
    twice = xmp_of(Provenance("other"), xmp_of(DONE, OLD_XMP)).decode()
    assert twice.count("<stEvt:action>edited</stEvt:action>") == 2
    assert twice.count("DigitalSourceType>") == 2  # one element: its beginning and its end
    assert "run other" in twice
    assert "run mine" in twice

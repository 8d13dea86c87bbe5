"""Shards that someone made to harm, or that were harmed: refused in words."""

import random
import struct
import tarfile
import zlib

import pytest

pytest.importorskip("webdataset")
from efgan_kit_shards.dataset import Shards
from shard_forgery import POINTS, labels, picture, tar

from efgan_kit.api import EfganError, FaceSpec, au_set

SMALL = FaceSpec(64, au_set(["AU12"]))
FACE = (("f.json", labels()), ("f.png", picture()))


def bomb():
    """A PNG of 200 bytes that says it has 40,000 x 40,000 pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


MEMBERS = {
    "out of the shard": [("../f.json", labels())],
    "leads out of the shard": [("/etc/f.json", labels())],
    "is a link": [("f.json", b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"})],
    "a device": [("f.png", b"", {"type": tarfile.CHRTYPE})],
    "a sparse file": [("f.json", b"", {"type": tarfile.LNKTYPE, "linkname": "f.png"})],
    "can't be shown": [("f\x1b[2J.json", labels())],
    "characters that can't": [("f\u202e.json", labels())],
    "too long": [("f" * 600 + ".json", labels())],
    "64000 are the most": [("f.json", b" " * 70_000)],
    "has its picture twice": [*FACE, ("f.jpg", picture(form="JPEG"))],
    "has its labels twice": [*FACE, ("f.json", labels())],
    "f: has no labels": [("f.png", picture())],
    "f: has no picture": [("f.json", labels())],
    "holds no faces": [("readme.txt", b"hello")],
}
LABELS = {
    "is no JSON object": b"[]",
    "not readable JSON": b'{"landmarks": ',
    "nested too deeply": b"[" * 60_000,
    "NaN is no number": labels().replace(b"0.5", b"NaN"),
    "AU12 is no number in 0..1; OpenFace's": labels(aus={"AU12": 2}),
    "AU12_r is no number in 0..5": labels(aus={"AU12_r": 5.5}),
    "AU12 is there twice": labels(aus={"AU12": 0.1, "AU12_r": 0.5}),
    "is no AU's name": labels(aus={"smile": 1}),
    "aus: intensities by name": labels(aus=None),
    "landmarks: 68 points": labels(landmarks=POINTS[:-1]),
    "landmarks: 68": labels(landmarks=[[10**400, 1]] * 68),
    "person: a short printable": labels(person="\x1b]0;"),
    "no number in 0..1": labels(aus={"AU12": True}),
}
PICTURES = {
    "more than 20 megapixels": bomb(),
    "the format is none of JPEG, PNG, WebP": b"GIF89a" + bytes(50),
    "is not a readable picture": picture()[:60],
    "is not square": None,
    "landmarks lie outside": picture(side=16),
}


@pytest.mark.parametrize("says", MEMBERS)
def test_members_that_no_shard_should_hold(says, forge):
    with pytest.raises(EfganError, match=says):
        Shards(SMALL, root=str(forge(*MEMBERS[says])))


@pytest.mark.parametrize("says", LABELS)
def test_labels_that_are_none(says, forge):
    with pytest.raises(EfganError, match=says) as caught:
        Shards(SMALL, root=str(forge(("f.json", LABELS[says]), FACE[1])))
    assert str(caught.value).startswith("a.tar: f.json: ")


@pytest.mark.parametrize("says", PICTURES)
def test_pictures_are_refused_when_they_are_read(says, forge, tmp_path):
    content = PICTURES[says]
    if content is None:
        from PIL import Image

        Image.new("RGB", (64, 32)).save(tmp_path / "oblong.png")
        content = (tmp_path / "oblong.png").read_bytes()
    faces = Shards(SMALL, root=str(forge(FACE[0], ("f.png", content))))
    with pytest.raises(EfganError, match=says) as caught:
        faces[0]
    assert str(caught.value).startswith("a/f: ")


def test_a_header_that_would_fill_the_memory_is_refused(forge):
    """An extended header may be as large as its file: here 200 MB of it, in a file with holes."""
    root = forge(*FACE)
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 200_000_000
    with (root / "a.tar").open("wb") as file:
        file.write(info.tobuf(tarfile.USTAR_FORMAT))
        file.truncate(200_001_024)
    with pytest.raises(EfganError, match="a header of 200"):
        Shards(SMALL, root=str(root))


def test_headers_that_lead_back_come_to_an_end(forge):
    """A size below zero, as the format's binary numbers allow, would send the reader round for ever."""
    root = forge(*FACE)
    for kind in (tarfile.REGTYPE, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME):
        info = tarfile.TarInfo("f.json")
        info.type = kind
        block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
        block[124:136] = b"\xff" * 10 + b"\xfc\x00"  # -1024
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        (root / "a.tar").write_bytes(bytes(block) + bytes(2048))
        with pytest.raises(EfganError):
            Shards(SMALL, root=str(root))


@pytest.mark.parametrize("cut", [300, 700, 2000, -1024])
def test_a_shard_cut_short_is_refused_wherever_it_was_cut(cut, forge):
    root = forge(*FACE)
    whole = tar(root / "a.tar", *FACE).read_bytes().rstrip(b"\0")
    whole += bytes(-len(whole) % 512) + bytes(1024)
    (root / "a.tar").write_bytes(whole[:cut])
    with pytest.raises(EfganError, match=r"cut short|not a readable tar|ends in the middle"):
        Shards(SMALL, root=str(root))


def test_a_damaged_header_between_faces_loses_no_face_unseen(forge):
    root = forge(("a.json", labels()), ("a.png", picture()), *FACE)
    content = bytearray((root / "a.tar").read_bytes())
    content[content.index(b"f.json") + 1] ^= 8
    (root / "a.tar").write_bytes(content)
    with pytest.raises(EfganError, match="damaged or cut short at byte"):
        Shards(SMALL, root=str(root))


def test_damage_at_random_is_a_refusal_or_a_right_answer(forge):
    root = forge(("a.json", labels()), ("a.png", picture()), *FACE)
    sound, random_ = (root / "a.tar").read_bytes(), random.Random(0)
    refused = 0
    for _ in range(150):
        content = bytearray(sound)
        for _ in range(random_.choice([1, 3, 20])):
            content[random_.randrange(len(content))] = random_.randrange(256)
        (root / "a.tar").write_bytes(content)
        try:
            faces = Shards(SMALL, root=str(root))
            seen = [faces[index] for index in range(len(faces))]
        except EfganError:
            refused += 1
        else:
            assert all(sample.image.shape == (3, 64, 64) and 0 <= sample.aus.item() <= 1 for sample in seen)
    assert refused > 20


def test_a_shard_that_shrinks_while_it_is_read_is_refused(forge):
    root = forge(*FACE)
    faces = Shards(SMALL, root=str(root))
    (root / "a.tar").write_bytes(b"")
    with pytest.raises(EfganError, match="has become shorter"):
        faces[0]


def test_folders_that_hold_no_shards(tmp_path, forge):
    with pytest.raises(EfganError, match="there is no such folder"):
        Shards(SMALL, root=str(tmp_path / "none"))
    with pytest.raises(EfganError, match="there are no shards"):
        Shards(SMALL, root=str(tmp_path))
    (tmp_path / "a.tar.gz").write_bytes(b"")
    with pytest.raises(EfganError, match=r"unpack a\.tar\.gz"):
        Shards(SMALL, root=str(tmp_path))
    root = forge(*FACE)
    (root / "b.tar").mkdir()
    with pytest.raises(EfganError, match=r"b\.tar: is no plain file"):
        Shards(SMALL, root=str(root))


def test_a_shard_that_was_copied_into_its_folder_is_refused(forge):
    root = forge(*FACE)
    (root / "copy.tar").write_bytes((root / "a.tar").read_bytes())
    with pytest.raises(EfganError, match=r"copy\.tar: is the same as a\.tar to the byte"):
        Shards(SMALL, root=str(root))

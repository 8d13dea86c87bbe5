"""The report: what is there, what the labels are worth, what was skipped; the same page for the same folder."""

import base64
import io
import re

from PIL import Image

from efgan_kit.preparation import prepare_folder
from efgan_kit.preparation.labelling import Labelled
from efgan_kit.preparation.outcomes import PreparedFace
from efgan_kit.preparation.people import Sitter, naming
from efgan_kit.preparation.report import to_html
from efgan_kit.preparation.warnings import warnings_of

IMAGE = re.compile(r'src="data:image/(png|svg\+xml);base64,([^"]+)"')


def test_the_page_shows_histograms_samples_and_what_was_skipped(plan, photos, photo):
    photo(photos[0] / "tiny.png", eyes=14.0)
    (photos[0] / "broken.jpg").write_bytes(b"no picture")
    prepared = prepare_folder(plan(), naming("folder"))
    page = prepared.report.read_text(encoding="utf-8")
    assert page == to_html(prepared), "the same folder is the same page"
    assert "AU06 is 0 in every face: seer can&#39;t see it: a seer sees no cheeks" in page
    assert "broken.jpg: is not a readable picture: the format is not known" in page
    assert "[1] tiny.png: too small: 33 pixels, 64 are wanted" in page
    images = IMAGE.findall(page)
    assert [kind for kind, _ in images] == ["svg+xml", "svg+xml", "png", "png"]
    skipped = Image.open(io.BytesIO(base64.b64decode(images[-1][1])))
    assert skipped.size == (128, 128)
    assert any(red > 200 and green < 110 > blue for _, (red, green, blue) in skipped.getcolors(1 << 16)), "a box"


def face(number, person="", **changed):
    """A labelled face that nothing can be said against."""
    aus = {f"AU{unit:02}": (number % 5) / 5 for unit in range(50)}
    known = {
        "image": f"faces/{number}.png",
        "landmarks": [(0.0, 0.0)] * 68,
        "aus": aus | changed.pop("aus", {}),
        "confidence": 0.9,
        "face_px": 200,
        "sharpness": 300.0,
        "brightness": 0.5,
        "pose": (0.0, 0.0, 0.0),
        "hash": f"{number + 1:02x}" * 32,
    }
    return Labelled(PreparedFace(**(known | changed)), Sitter(person), f"{number}.jpg", 0)


def test_a_sound_folder_has_no_warnings():
    faces = [face(n, person=f"p{n % 3}", hash=bytes([n * 37 % 256] * 32).hex()) for n in range(6)]
    assert warnings_of(faces, {}, "meter") == []


def test_what_a_careful_user_wants_to_know_is_said():
    faces = [face(n, person="anna" if n else "", hash=bytes([n * 37 % 256] * 32).hex()) for n in range(6)]
    faces[2] = face(2, "anna", face_px=50, sharpness=8.0, hash=faces[1].face.hash)
    for entry in faces:
        entry.face.aus["AU09"] = 0.415
    told = warnings_of(faces, {"AU14": "it has no dimples"}, "meter")
    assert told == [
        "AU14 is 0 in every face: meter can't see it: it has no dimples",
        "constant, so that nothing can be learned of them: AU09 at 0.41; meter sees no change in them",
        "1 of 6 faces is smaller than 64 pixels: at faces.size 64 they are magnified",
        "1 of 6 faces is smaller than 128 pixels: at faces.size 128 they are magnified",
        "1 of 6 faces is blurred: sharpness below 50",
        "1 of 6 faces is nobody's by name: each is then a person of its own",
        "1.jpg and 2.jpg are almost the same picture: in different people's names they spoil the split",
    ]
    alone = warnings_of([face(n, "anna", hash=bytes([n * 37 % 256] * 32).hex()) for n in range(6)], {}, "meter")
    assert alone == ["all faces are of one person: a split by person into training and test faces needs two"]

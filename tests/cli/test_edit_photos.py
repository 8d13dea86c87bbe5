"""`efgan edit` on photos without labels: whose face, limited how, written where, and what is said of it."""

import shutil

import numpy as np
import pytest
from PIL import Image

from efgan_kit.api import FaceSpec, FoundFace, au_set
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.preparation import FaceFinder, Preparation
from efgan_kit.preparation.record import Part

HAPPY = ("--expression", "happy")
PLACES = ((10, 20, 90), (150, 30, 120), (310, 20, 60))
"""Left, top and size of the faces of a photo of 400x200."""


class OnGreen(FaceFinder):
    """Finds the drawn faces whose place is marked: the pixel at (0, 0) holds their number."""

    def __init__(self):
        self.preparation = Preparation(Part("known"), Part("known"))
        self._landmarker = lambda picture: [face(i)[1] for i in range(int(picture.pixels[0, 0, 0]))]
        self._labeller = lambda picture, found: {"AU12": 0.6 if picture.pixels[0, 0, 1] else 0.1}


def face(place):
    left, top, size = PLACES[place]
    drawn = DrawnFaces(FaceSpec(size, au_set("openface-17")), people=3, expressions=1)[place]
    return drawn.image.permute(1, 2, 0).numpy(), FoundFace(drawn.landmarks.numpy() + np.array([left, top], np.float32))


def draw(path, count, smiling=0):
    pixels = np.full((200, 400, 3), (60, 140, 90), np.uint8)
    for place, (left, top, size) in enumerate(PLACES[:count]):
        pixels[top : top + size, left : left + size] = face(place)[0]
    pixels[0, 0] = count, smiling, 0
    Image.fromarray(pixels).save(path, quality=100, subsampling=0)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, tiny_run):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    (tmp_path / "work/run").symlink_to(tiny_run)
    draw("three.png", 3)
    draw("one.png", 1, smiling=1)
    draw("none.png", 0)
    said = "faces are found and measured by known"

    def finder(self, photo, why=""):
        if self._finder is None:
            self.tell(said)
            self._finder = OnGreen()
        return self._finder

    monkeypatch.setattr("efgan_kit.editing.finding.Finding.finder", finder)
    return tmp_path / "work"


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def changed_columns(before, after):
    columns = np.flatnonzero((pixels(before) != pixels(after)).any(axis=(0, 2)))
    return (int(columns.min()), int(columns.max())) if len(columns) else None


def test_the_largest_face_is_edited_and_how_it_was_found_is_said(efgan):
    answer = efgan("edit", "three.png", "--run", "run", "--au", "AU25=1", "--out", "out.png")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("out.png: three, AU25 0.00 -> 1.00")
    assert answer.err.startswith("faces are found and measured by known\n")
    first, last = changed_columns("three.png", "out.png")
    assert 100 < first < last < 310


def test_two_of_three_are_edited_and_the_file_says_so(efgan):
    answer = efgan("edit", "three.png", "--run", "run", *HAPPY, "--faces", "1,3", "--out", "out.png")
    assert answer.code == 0, answer.err
    assert "three, face 1, AU12 0.10 -> 0.90" in answer.out
    assert "three, face 3, " in answer.out
    assert (pixels("three.png") == pixels("out.png"))[:, 150:280].all()
    with Image.open("out.png") as picture:
        assert "face 1: AU12 0.10 -> 0.90" in picture.text["Comment"]
        assert "compositeWithTrainedAlgorithmicMedia" in picture.text["XML:com.adobe.xmp"]


def test_a_list_shows_numbers_and_draws_them(efgan):
    answer = efgan("edit", "three.png", "--run", "run", "--faces", "list", "--out", "numbers.png")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert [line[:2] for line in lines] == ["1:", "2:", "3:"]
    assert "pixels at" in lines[0]
    assert (pixels("numbers.png") == (255, 210, 0)).all(axis=2).sum() > 100


def test_like_measures_the_other_photo(efgan):
    answer = efgan("edit", "three.png", "--run", "run", "--like", "one.png", "--out", "out.png")
    assert answer.code == 0, answer.err
    assert "AU12 0.10 -> 0.60" in answer.out


def test_intensity_goes_beyond_and_says_where_it_ends(efgan):
    for intensity, reached in (("0.5", "0.50"), ("1", "0.90"), ("2", "1.00")):
        options = ("--au", "AU12=0.9", "--intensity", intensity, "--out", "out.png")
        answer = efgan("edit", "three.png", "--run", "run", *options)
        assert f"AU12 0.10 -> {reached}" in answer.out
        assert ("AU12 would leave 0..1" in answer.err) == (intensity == "2")


def test_a_region_leaves_the_rest_of_the_face_alone(efgan):
    common = ("edit", "one.png", "--run", "run", "--expression", "sad", "--paste", "exact")
    efgan(*common, "--out", "all.png")
    efgan(*common, "--region", "mouth", "--out", "mouth.png")
    rows = [np.flatnonzero((pixels("one.png") != pixels(name)).any(axis=(1, 2))) for name in ("all.png", "mouth.png")]
    assert rows[1].min() > rows[0].min() + 20
    assert rows[1].max() <= rows[0].max()


def test_frames_show_all_chosen_faces_on_their_way(efgan):
    for out in ("out.png", "out.gif", "out.webp"):
        answer = efgan("edit", "three.png", "--run", "run", *HAPPY, "--faces", "all", "--frames", "3", "--out", out)
        assert answer.code == 0, answer.err
    assert np.array_equal(pixels("out.png")[:, :400], pixels("three.png"))
    with Image.open("out.gif") as animation:
        assert b"face edited" in animation.info["comment"]


def test_a_batch_goes_on_and_tells_at_the_end_what_failed(efgan, here):
    (here / "broken.jpg").write_bytes(b"%PDF-1.4")
    draw("two.jpg", 2)
    names = ("three.png", "none.png", "broken.jpg", "two.jpg", "missing.png")
    answer = efgan("edit", *names, "--run", "run", *HAPPY, "--out", "new")
    assert answer.code == 2
    assert sorted(path.name for path in (here / "new").iterdir()) == ["three.png", "two.jpg"]
    errors = [line for line in answer.err.splitlines() if line.startswith("error:")]
    assert len(errors) == 3
    assert "none.png: no face was found" in errors[0]
    assert "broken.jpg: is not a readable picture: it is a PDF" in errors[1]
    assert "missing.png: there is no such picture" in errors[2]
    assert "new: 2 edited pictures, 3 failed" in answer.out
    assert "Traceback" not in answer.err


def test_a_photo_that_fails_twice_counts_twice(efgan):
    answer = efgan("edit", "none.png", "none.png", "one.png", "--run", "run", "--au", "AU25=1", "--out", "edits")
    assert answer.code == 2
    assert "edits: 1 edited pictures, 2 failed" in answer.out
    assert answer.err.count("no face was found") == 1


@pytest.mark.parametrize(
    "given",
    [
        ("one.png", "three.png", "--au", "AU25=1", "--out", "."),
        ("three.png", "--like", "one.png", "--out", "one.png"),
        ("photos/a.png", "photos/b.png", "--like", "one.png", "--out", "."),
        ("--targets", "targets.csv", "--out", "photos"),
    ],
)
def test_what_is_read_is_never_overwritten(efgan, here, given):
    (here / "photos").mkdir()
    shutil.copy("three.png", "photos/00000.png")
    (here / "targets.csv").write_text("image,AU25_r\nphotos/00000.png,5\n")
    before = {path: path.read_bytes() for path in here.rglob("*.png")}
    answer = efgan("edit", *given, "--run", "run")
    assert answer.code == 2
    assert "originals are not overwritten" in answer.err
    assert {path: path.read_bytes() for path in here.rglob("*.png")} == before


def test_a_csv_batch_goes_on_too(efgan, here):
    (here / "wishes.csv").write_text("image,AU12_r\nthree.png,4.0\nnone.png,1\none.png,0\n")
    answer = efgan("edit", "--run", "run", "--targets", "wishes.csv", "--out", "new")
    assert answer.code == 2
    assert sorted(path.name for path in (here / "new").iterdir()) == ["00000.png", "00002.png"]
    assert "none.png: no face was found" in answer.err


def test_metadata_are_kept_or_dropped(efgan):
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    shutil.copy("one.png", "plain.png")
    Image.open("plain.png").save("camera.png", exif=exif)
    for metadata, kept in (("keep", True), ("drop", False)):
        efgan("edit", "camera.png", "--run", "run", *HAPPY, "--metadata", metadata, "--out", "out.png")
        with Image.open("out.png") as picture:
            assert (0x010F in picture.getexif()) == kept
            assert "face edited" in picture.getexif()[0x0131]

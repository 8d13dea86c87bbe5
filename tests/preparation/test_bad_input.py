"""Whatever a stranger's folder holds: the batch goes on with the others and says which failed and why."""

import html
import json
import os

import numpy as np
import pytest
from PIL import Image

from efgan_kit.preparation.labelling import printable

ARGUMENTS = ("--landmarks", "seer", "--jobs", 1)


@pytest.fixture
def prepare(efgan, tmp_path):
    def prepare(root, *more):
        return efgan("data", "prepare", root, "--out", tmp_path / "out", *ARGUMENTS, *more)

    return prepare


@pytest.fixture
def stranger(tmp_path, photo):
    """A folder of one good photo and everything that goes wrong; by name, a word of the reason."""
    root = tmp_path / "strange"
    photo(root / "good.png")
    whole = (root / "good.png").read_bytes()
    photo(root / "tiny.png", eyes=14.0)
    photo(root / "edge.png", middle=(230.0, 290.0), eyes=90.0)
    photo(root / "bug.png", smile=0.1)
    noise = np.random.default_rng(0).integers(0, 200, (90, 90, 3)).astype(np.uint8)
    Image.fromarray(noise // 3 + 80).save(root / "nobody.jpg")
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("red", "green", "blue")]
    frames[0].save(root / "moving.webp", save_all=True, append_images=frames[1:], duration=100, lossless=True)
    frames[0].save(root / "moving.gif", save_all=True, append_images=frames[1:])
    Image.new("1", (30_000, 30_000)).save(root / "huge.png")
    (root / "paper.jpg").write_bytes(b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n")
    (root / "cut short.png").write_bytes(whole[: len(whole) // 2])
    (root / "spoilt.png").write_bytes(whole[:3000] + bytes(2000) + whole[5000:])
    (root / "empty.jpg").write_bytes(b"")
    (root / "again.png").write_bytes(whole)
    (root / "nowhere.png").symlink_to(root / "gone.png")
    (root / "circle").symlink_to(root)
    os.mkfifo(root / "pipe.png")
    (root / "film.mp4").write_bytes(b"\0")
    (root / "notes.txt").write_text("no picture, and no business of ours")
    odd = "<img src=x onerror=alert(1)>\nü 'é\" $x^2$.png"
    (root / odd).write_bytes(b"no picture")
    return root, {
        "tiny.png": "too small: 33 pixels",
        "edge.png": "cut off by the picture's edge",
        "bug.png": "seer failed: ZeroDivisionError: the seer divides by zero",
        "nobody.jpg": "no face was found",
        "moving.webp": "an animation of 3 pictures",
        "moving.gif": "GIF files are not read",
        "huge.png": "has more than 80 megapixels",
        "paper.jpg": "it is a PDF",
        "cut short.png": "is not a readable picture",
        "spoilt.png": "is not a readable picture",
        "empty.jpg": "the file is empty",
        "good.png": "the same file as again.png",
        "nowhere.png": "a link that leads nowhere",
        "pipe.png": "no file: a pipe, socket or device",
        "film.mp4": "a video: give its frames as pictures",
        printable(odd): "the format is not known",
    }


def test_the_good_photo_is_prepared_and_the_others_are_named_with_their_reasons(prepare, stranger, tmp_path):
    root, expected = stranger
    done = prepare(root, "--json")
    assert done.code == 0
    told = json.loads(done.out)
    assert told["faces"] == 1
    reasons = {entry["photo"]: entry["why"] for entry in told["skipped"]}
    assert {name: word for name, word in expected.items() if word not in reasons.get(name, "")} == {}
    assert set(reasons) == set(expected)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "onerror=alert(1)&gt;" in page
    assert "<img src=x" not in page
    assert html.escape("seer failed: ZeroDivisionError: the seer divides by zero", quote=False) in page


def test_names_that_are_no_text_and_equal_stems_in_two_folders_get_crops_of_their_own(prepare, photo, tmp_path, efgan):
    root = tmp_path / "odd"
    photo(root / "a" / "1.png", smile=0.1)
    photo(root / "b" / "1.png", smile=0.9)
    photo(root / "b" / "1 .png", smile=0.6)
    photo(root / "новая\nпапка" / "лицо, \"x\".png", smile=0.3)
    raw = os.fsdecode(os.fsencode(root) + b"/\xff\xfe.png")
    photo(tmp_path / "plain.png", smile=0.7)
    os.rename(tmp_path / "plain.png", raw)  # noqa: PTH104
    done = prepare(root, "--person", "folder")
    assert done.code == 0, done.err
    assert "5 faces of 3 people from 5 pictures" in done.out
    checked = efgan("data", "check", tmp_path / "out")
    assert checked.code == 0, checked.err
    assert "5 faces of 4 people" in checked.out


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(prepare, photo, tmp_path):
    root = tmp_path / "locked"
    photo(root / "good.png")
    photo(root / "secret.png", smile=0.1)
    photo(root / "vault" / "in.png", smile=0.2)
    (root / "secret.png").chmod(0)
    (root / "vault").chmod(0)
    done = prepare(root)
    (root / "vault").chmod(0o700)
    assert done.code == 0
    assert "skipped: secret.png: can't be read: Permission denied" in done.out
    assert "skipped: vault: the folder cannot be read: Permission denied" in done.out


def test_where_nothing_can_be_done_the_code_is_2_and_the_report_is_there(prepare, photo, tmp_path):
    photo(tmp_path / "small" / "tiny.png", eyes=14.0)
    done = prepare(tmp_path / "small")
    assert done.code == 2
    assert "of 1 pictures no face could be prepared" in done.err
    assert "tiny.png: too small" in done.err
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "there is no such folder"),
        (["photos", "--landmarks", "sere"], "no landmarker is called 'sere'; did you mean 'seer'?"),
        (["photos", "--aus", "nobody"], "no au-labeller is called 'nobody'"),
        (["photos", "--landmarks-option", "wait=long"], "wait"),
        (["photos", "--person", "everybody"], "'everybody' is none of none, folder, name, and no CSV file"),
        (["photos", "--person", "name", "--pattern", "("], "--pattern: is no regular expression"),
        (["photos", "--person", "name", "--pattern", "x"], "has no group (?P<person>...)"),
        (["photos", "--person", "gone.csv"], "gone.csv: there is no such file"),
        (["photos/anna/0.png"], "is a file, not a folder"),
        (["photos", "--landmarks", "pyfeat"], "needs a value for 'table'"),
        (["photos", "--landmarks", "openface", "--landmarks-option", "folder=gone"], "there is no folder 'gone'"),
    ],
)
def test_arguments_at_fault_write_nothing(efgan, photos, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    given = [] if "--landmarks" in arguments else ["--landmarks", "seer"]
    done = efgan("data", "prepare", *arguments, *given, "--out", "out", "--jobs", 1)
    assert done.code == 2, done.err
    assert message in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "out").exists()


def test_where_nothing_is_installed_there_is_a_way_out(efgan, tmp_path, monkeypatch, fresh_registry):
    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", "efgan-kit-mediapipe,efgan-kit-dlib")
    (tmp_path / "photos").mkdir()
    done = efgan("data", "prepare", tmp_path / "photos", "--out", tmp_path / "out")
    assert done.code == 2
    assert "pip install efgan-kit-mediapipe" in done.err
    assert "OpenFace" in done.err


def test_ctrl_c_is_130_and_says_how_to_go_on(prepare, photos, monkeypatch):
    from efgan_kit.preparation import working

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(working, "prepare_picture", interrupted)
    done = prepare(photos[0])
    assert done.code == 130
    assert "the same command goes on" in done.err

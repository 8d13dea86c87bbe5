"""`efgan edit`: pictures where they were asked for, or one clear message and nothing written."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from efgan_kit.faces.aus import EXPRESSIONS

FACE = "images/p0000_0.png"
OTHER = "images/p0001_1.png"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, drawn_photos, tiny_run, fresh_registry):
    """A folder with photos, a run and a wild picture, and nothing else."""
    shutil.copytree(drawn_photos, tmp_path / "work", dirs_exist_ok=True)
    (tmp_path / "work/run").symlink_to(tiny_run)
    (tmp_path / "work/folder").mkdir()
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", "all")  # whatever finds faces on this machine
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def size(path):
    with Image.open(path) as picture:
        return picture.size


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize(
    "wish",
    [
        ("--au", "AU12=0.8"),
        ("--au", "AU12=0.8", "--au", "6=-0.2", "--relative"),
        ("--expression", "happy"),
        ("--like", OTHER),
        ("--like", "test:1"),
    ],
    ids=" ".join,
)
def test_one_face_goes_to_one_file_of_the_pictures_own_size(efgan, wish):
    answer = efgan("edit", FACE, "--run", "run", *wish, "--out", "out.png")
    assert answer.code == 0, answer.err
    assert size("out.png") == (48, 48)
    assert answer.out.startswith("out.png: p0000_0, AU")


def test_a_test_face_of_the_run_can_be_edited_without_any_photo(efgan):
    assert efgan("edit", "test:2", "--run", "run", "--expression", "sad", "--out", "out.jpg").code == 0
    assert size("out.jpg") == (32, 32)


def test_several_faces_go_to_a_folder(efgan, here):
    answer = efgan("edit", FACE, OTHER, "test:0", "--run", "run", "--expression", "sad", "--out", "new")
    assert answer.code == 0, answer.err
    written = sorted(path.name for path in (here / "new").iterdir())
    assert written == ["p0000_0-2.png", "p0000_0.png", "p0001_1.png"]


def test_several_faces_do_not_go_to_a_folder_with_a_pictures_name(efgan, here):
    answer = efgan("edit", FACE, OTHER, "--run", "run", "--expression", "sad", "--out", "new.jpg")
    assert answer.code == 2
    assert "new.jpg: is the name of a picture; several pictures go to a folder: name one" in answer.err
    assert not (here / "new.jpg").exists()


def test_frames_make_a_strip_or_an_animation(efgan):
    for out in ("out.png", "out.gif", "out.webp"):
        assert efgan("edit", FACE, "--run", "run", "--au", "AU25=1", "--frames", "4", "--out", out).code == 0
    assert size("out.png") == (4 * 48, 48)
    assert np.array_equal(pixels("out.png")[:, :48], pixels(FACE))
    with Image.open("out.gif") as animation:
        assert (animation.n_frames, animation.size) == (4, (48, 48))
    with Image.open("out.webp") as animation:
        assert animation.n_frames == 4


def test_a_sweep_has_a_row_for_each_au_and_five_columns(efgan):
    assert efgan("edit", FACE, "--run", "run", "--sweep", "--out", "out.png").code == 0
    width, height = size("out.png")
    assert width == 5 * 132 + 4
    assert height > 4 * 128


def test_pairs_are_numbered_by_their_lines(efgan, here):
    lines = (here / "pairs.csv").read_text().splitlines()
    (here / "mine.csv").write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    answer = efgan("edit", "--run", "run", "--data", ".", "--pairs", "mine.csv", "--out", "new")
    assert answer.code == 0, answer.err
    assert sorted(path.name for path in (here / "new").iterdir()) == [f"{i:05d}.png" for i in range(9)]
    source, truth = lines[-1].split(",")
    assert efgan("edit", source, "--run", "run", "--like", truth, "--out", "one.png").code == 0
    assert np.abs(pixels("one.png").astype(int) - pixels("new/00000.png").astype(int)).max() <= 1


def test_targets_are_openface_intensities_a_line_each(efgan, here):
    (here / "wishes.csv").write_text(f"image,AU12_r,AU99_x\n{FACE},4.0,\n{OTHER},0,\n{FACE},0,\ntest:1,5,\n")
    answer = efgan("edit", "--run", "run", "--targets", "wishes.csv", "--out", "new")
    assert answer.code == 0, answer.err
    assert len(list((here / "new").iterdir())) == 4
    assert efgan("edit", FACE, "--run", "run", "--au", "AU12=0.8", "--out", "one.png").code == 0
    assert np.abs(pixels("one.png").astype(int) - pixels("new/00000.png").astype(int)).max() <= 1


HAPPY = ("--expression", "happy")
TO_X = (*HAPPY, "--out", "x.png")
NAMED = ("edit", FACE, "--run", "run")
BATCH = ("edit", "--run", "run", "--out", "x")
REFUSED = {
    "nothing to edit to": ((*NAMED, "--out", "x.png"), "nothing says what to edit to"),
    "two wishes": ((*NAMED, *HAPPY, "--au", "AU12=1", "--out", "x.png"), "exclude each other"),
    "no face": (("edit", "--run", "run", *TO_X), "no face is given"),
    "another AU": ((*NAMED, "--au", "AU45=1", "--out", "x.png"), "not an action unit of the set"),
    "OpenFace's scale": ((*NAMED, "--au", "AU12=4", "--out", "x.png"), "4 becomes 0.8"),
    "unknown expression": ((*NAMED, "--expression", "hapy", "--out", "x.png"), "did you mean 'happy'"),
    "no run": (("edit", FACE, "--run", "folder", *TO_X), "no recipe.yaml"),
    "no such run": (("edit", FACE, "--run", "nowhere", *TO_X), "no such folder"),
    "no such picture": (("edit", "a.png", "--run", "run", *TO_X), "there is no such picture"),
    "a clip to a picture": (("edit", "film.mp4", "--run", "run", *TO_X), "is not the name of a clip"),
    "several pictures with a clip": (("edit", FACE, "film.mp4", "--run", "run", *TO_X), "edit each clip by itself"),
    "a folder": (("edit", "folder", "--run", "run", *TO_X), "is a folder"),
    "no such test face": (("edit", "test:12", "--run", "run", *TO_X), "from test:0 to test:11"),
    "no number of a test face": (("edit", "test:-1", "--run", "run", *TO_X), "test:0 is the first"),
    "labels for a test face": (("edit", "test:0", "--run", "run", "--labels", "no.csv", *TO_X), "they have labels"),
    "out is a folder": ((*NAMED, *HAPPY, "--out", "folder"), "folder/edited.png"),
    "out's folder is missing": ((*NAMED, *HAPPY, "--out", "no/x.png"), "there is no folder 'no'"),
    "out is no picture": ((*NAMED, *HAPPY, "--out", "x.txt"), "one of: .png"),
    "a still GIF": ((*NAMED, *HAPPY, "--out", "x.gif"), "--frames"),
    "the original": ((*NAMED, *HAPPY, "--out", FACE), "originals are not overwritten"),
    "several to a file": (("edit", FACE, OTHER, "--run", "run", *HAPPY, "--out", FACE), "several pictures"),
    "relative to a face": ((*NAMED, "--like", OTHER, "--relative", "--out", "x.png"), "goes with --au"),
    "faces without a finder": ((*NAMED, *HAPPY, "--faces", "all", "--out", "x.png"), "can find and measure faces"),
    "no such choice": ((*NAMED, *HAPPY, "--faces", "left", "--out", "x.png"), "1 is the leftmost face"),
    "labels and a choice": ((*NAMED, *HAPPY, "--faces", "2", "--labels", "labels.csv", "--out", "x.png"), "leave one"),
    "a list and a wish": ((*NAMED, *HAPPY, "--faces", "list"), "edits nothing"),
    "no out": ((*NAMED, *HAPPY), "--out: is missing"),
    "too intense": ((*NAMED, *HAPPY, "--intensity", "11", "--out", "x.png"), "--intensity"),
    "no such device": ((*NAMED, *HAPPY, "--device", "mps", "--out", "x.png"), "there is no 'mps'"),
    "one frame": ((*NAMED, *HAPPY, "--frames", "1", "--out", "x.png"), "--frames"),
    "pairs without folder": ((*BATCH, "--pairs", "pairs.csv"), "goes with --data"),
    "folder without pairs": ((*BATCH, "--data", "."), "goes with --pairs"),
    "no such pairs": (
        (*BATCH, "--data", ".", "--pairs", "no.csv"), "there is no such file",
    ),
    "pairs and a face": (
        (*BATCH, FACE, "--data", ".", "--pairs", "pairs.csv"), "the CSV file names",
    ),
    "targets that do not exist": ((*BATCH, "--targets", "no.csv"), "no such file"),
    "targets without AUs": (
        (*BATCH, "--targets", "pairs.csv"), "no column 'image'",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_done_is_refused_and_nothing_is_written(efgan, here, arguments, message):
    if "mps" in arguments:
        torch = pytest.importorskip("torch")
        if torch.backends.mps.is_available():
            pytest.skip("this machine has it")
    before = {path: path.stat().st_mtime_ns for path in here.rglob("*")}
    answer = efgan(*arguments)
    assert answer.code == 2
    assert message in answer.err
    assert "Traceback" not in answer.err
    assert answer.out == ""
    assert {path: path.stat().st_mtime_ns for path in here.rglob("*")} == before


def test_every_fault_of_a_csv_file_is_told_at_once(efgan, here):
    (here / "bad.csv").write_text(f"source,truth\n{FACE},images/no.png\nqq,{FACE}\n{FACE},{OTHER}\n")
    answer = efgan("edit", "--run", "run", "--data", ".", "--pairs", "bad.csv", "--out", "new")
    assert answer.code == 2
    for place in ("bad.csv:2: truth", "bad.csv:3: source", "bad.csv:4"):
        assert place in answer.err
    assert not (here / "new").exists()
    (here / "bad.csv").write_text(f"image,AU12_r,AU77_r\n{FACE},9,0\nimages/no.png,1,0\n{OTHER},x,0\n")
    assert "AU77_r" in efgan("edit", "--run", "run", "--targets", "bad.csv", "--out", "new").err
    (here / "bad.csv").write_text(f"image,AU12_r\n{FACE},9\nimages/no.png,1\n{OTHER},x\n")
    answer = efgan("edit", "--run", "run", "--targets", "bad.csv", "--out", "new")
    for place in ("bad.csv:2: AU12_r: 9 is outside", "bad.csv:3: images/no.png", "bad.csv:4: AU12_r: 'x'"):
        assert place in answer.err
    assert not (here / "new").exists()


def test_the_others_are_edited_where_some_photos_fail(efgan, here):
    shutil.copy(FACE, here.parent / "wild.png")
    (here / "broken.png").write_bytes((here / FACE).read_bytes()[:200])
    answer = efgan("edit", FACE, "../wild.png", "broken.png", "--run", "run", *HAPPY, "--out", "new")
    assert answer.code == 2
    assert "wild.png: has no labels" in answer.err
    assert "broken.png: is not a readable picture" in answer.err
    assert [path.name for path in (here / "new").iterdir()] == ["p0000_0.png"]
    assert answer.out.endswith("new: 1 edited pictures, 2 failed\n")


def test_nothing_is_made_where_every_photo_fails(efgan, here):
    answer = efgan("edit", "a.png", "b.png", "--run", "run", *HAPPY, "--out", "new")
    assert answer.code == 2
    assert answer.err.count("there is no such picture") == 2
    assert not (here / "new").exists()


def test_an_edit_that_nobody_will_see_says_so(efgan, monkeypatch):
    from efgan_kit.editing import unseen

    monkeypatch.setattr(unseen, "VISIBLE", 10.0)
    monkeypatch.setattr(unseen, "STRIKING", 10.0)
    answer = efgan("edit", FACE, "--run", "run", "--like", FACE, "--out", "x.png")
    assert answer.code == 0
    assert "nothing visible changes: the target AUs are the face's own" in answer.err


def test_help_lists_the_expressions_and_needs_no_torch():
    program = (
        "import sys; from efgan_kit.cli import cli; from efgan_kit.cli.errors import guarded;"
        "guarded(cli, ['edit', '--help']); sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    assert all(name in words for name in EXPRESSIONS)


def test_the_command_itself(here):
    arguments = [sys.executable, "-m", "efgan_kit", "edit", FACE, "--run", "run", *HAPPY, "--out", "x.png"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env={**os.environ})
    assert (done.returncode, done.stderr) == (0, "")
    assert (here / "x.png").is_file()

"""`efgan edit` in steps: the face after each of them as a strip or an animation, and the steps of an EF-GAN."""

import shutil

import numpy as np
import pytest
from PIL import Image, ImageSequence

FACE = "images/p0000_0.png"
OTHER = "images/p0001_1.png"
WISH = ("--au", "AU12=1", "--au", "AU25=0")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, drawn_photos, same_weights):
    """A folder with photos, a single EF-GAN and a cascade of three modules with its weights."""
    shutil.copytree(drawn_photos, tmp_path / "work", dirs_exist_ok=True)
    (tmp_path / "work/single").symlink_to(same_weights.single)
    (tmp_path / "work/cascade").symlink_to(same_weights.cascade)
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def edit(efgan):
    """Runs an edit of the first photo that must succeed: its standard output."""

    def edit(run, *options, face=FACE, wish=WISH):
        answer = efgan("edit", face, "--run", run, *wish, *options)
        assert answer.code == 0, answer.err
        return answer.out

    return edit


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def frames_of(path):
    with Image.open(path) as animation:
        return [np.asarray(frame.convert("RGB")).astype(int) for frame in ImageSequence.Iterator(animation)]


def test_a_cascade_shows_the_photo_and_the_face_after_every_module(edit):
    edit("cascade", "--out", "strip.png", "--frames")
    edit("cascade", "--out", "still.png")
    strip = pixels("strip.png")
    assert strip.shape == (48, 4 * 48, 3)
    source, first, second, last = np.split(strip, 4, axis=1)
    assert np.array_equal(source, pixels(FACE))
    assert np.array_equal(last, pixels("still.png"))
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, last)


def test_an_ef_gan_in_three_steps_writes_the_strip_of_a_cascade_of_its_weights(edit):
    edit("single", "--steps", "3", "--frames", "--out", "single.png")
    edit("cascade", "--frames", "--out", "cascade.png")
    edit("cascade", "--steps", "3", "--frames", "--out", "asked.png")
    assert np.array_equal(pixels("single.png"), pixels("cascade.png"))
    assert np.array_equal(pixels("asked.png"), pixels("cascade.png"))


def test_an_ef_gan_by_itself_has_one_step(edit):
    edit("single", "--frames", "--out", "strip.png")
    edit("single", "--out", "still.png")
    assert np.array_equal(pixels("strip.png"), np.hstack([pixels(FACE), pixels("still.png")]))


def test_a_still_is_the_last_step(edit):
    edit("single", "--steps", "3", "--out", "still.png")
    edit("cascade", "--out", "cascade.png")
    edit("single", "--out", "once.png")
    assert np.array_equal(pixels("still.png"), pixels("cascade.png"))
    assert not np.array_equal(pixels("still.png"), pixels("once.png"))


def test_an_animation_has_a_frame_for_the_photo_and_one_a_step(edit):
    edit("single", "--steps", "4", "--frames", "--out", "strip.png")
    expected = np.split(pixels("strip.png"), 5, axis=1)
    for out, tolerance in (("out.gif", 12), ("out.webp", 6)):
        edit("single", "--steps", "4", "--frames", "--out", out)
        frames = frames_of(out)
        assert [frame.shape for frame in frames] == [(48, 48, 3)] * 5
        for frame, wanted in zip(frames, expected, strict=True):
            assert np.abs(frame - wanted).mean() < tolerance


def test_frames_with_a_number_are_edits_of_their_own(edit):
    """The second of three frames is one edit to the AUs halfway, which the cascade's first step is not."""
    edit("single", "--frames", "3", "--out", "strip.png")
    assert pixels("strip.png").shape == (48, 3 * 48, 3)
    edit("single", "--frames", "12", "--out", "way.gif")
    assert len(frames_of("way.gif")) == 12
    edit("single", "--steps", "2", "--frames", "2", "--out", "two.png")
    edit("single", "--steps", "2", "--out", "still.png")
    assert np.array_equal(pixels("two.png"), np.hstack([pixels(FACE), pixels("still.png")]))


def test_the_targets_of_every_frame_are_told(edit, same_weights):
    from efgan_kit import Editor
    from efgan_kit.editing.sources import Sources

    editor = Editor.load(same_weights.single, "cpu")
    face = Sources(editor.trained.recipe).find(FACE)
    target = face.sample.aus.clone()
    target[1], target[2] = 1.0, 0.0  # AU12 and AU25
    asked = editor.edit([face], target[None], steps=3)[0].step_targets
    told = edit("single", "--steps", "3", "--frames", "--out", "strip.png")
    assert told.startswith("strip.png: p0000_0, AU")
    for place, name in ((1, "AU12"), (2, "AU25")):
        way = " -> ".join(f"{aus[place]:.2f}" for aus in (face.sample.aus, *asked))
        assert f"{name} {way}" in told
    assert edit("single", "--steps", "3", "--out", "still.png").count("->") == told.count("->") // 3


def test_several_faces_have_a_file_each(efgan, here):
    answer = efgan("edit", FACE, OTHER, "--run", "cascade", "--expression", "happy", "--frames", "--out", "new")
    assert answer.code == 0, answer.err
    assert sorted(path.name for path in (here / "new").iterdir()) == ["p0000_0.png", "p0001_1.png"]
    assert pixels("new/p0001_1.png").shape == (48, 4 * 48, 3)


def test_pairs_and_targets_are_edited_in_steps(efgan, here):
    pairs = ("--data", ".", "--pairs", "pairs.csv", "--out")
    for run, steps, out in (("single", ("--steps", "3"), "one"), ("cascade", (), "two"), ("single", (), "once")):
        assert efgan("edit", "--run", run, *pairs, out, *steps).code == 0
    assert np.array_equal(pixels("one/00000.png"), pixels("two/00000.png"))
    assert not np.array_equal(pixels("one/00000.png"), pixels("once/00000.png"))
    (here / "wishes.csv").write_text(f"image,AU12_r\n{FACE},4\n{OTHER},1\n")
    for run, steps, out in (("single", ("--steps", "3"), "three"), ("cascade", (), "four")):
        assert efgan("edit", "--run", run, "--targets", "wishes.csv", "--out", out, *steps).code == 0
    assert np.array_equal(pixels("three/00001.png"), pixels("four/00001.png"))


def test_a_sweep_is_made_in_steps(edit):
    for run, steps, out in (("single", ("--steps", "3"), "one.png"), ("cascade", (), "two.png")):
        edit(run, "--sweep", *steps, "--out", out, wish=())
    assert np.array_equal(pixels("one.png"), pixels("two.png"))


def test_frames_of_a_large_photo_are_shrunk_for_the_file(edit, here):
    """A strip is 512 pixels high, an animation has no side above 1280."""
    with Image.open(FACE) as picture:
        picture.resize((1536, 1536)).save(here / "images/large.png")
    names, row = (here / "labels.csv").read_text().splitlines()[:2]
    cells = [
        str(float(cell) * 32) if name[:2] in ("x_", "y_") else "large.png" if name == "image" else cell
        for name, cell in zip(names.split(","), row.split(","), strict=True)
    ]
    (here / "large.csv").write_text(f"{names}\n{','.join(cells)}\n")
    shutil.move(here / "images/large.png", here / "large.png")
    labels = ("--labels", "large.csv", "--frames")
    edit("cascade", *labels, "--out", "strip.png", face="large.png")
    assert pixels("strip.png").shape == (512, 4 * 512, 3)
    edit("cascade", *labels, "--out", "out.gif", face="large.png")
    assert frames_of("out.gif")[3].shape == (1280, 1280, 3)
    edit("cascade", "--labels", "large.csv", "--out", "still.png", face="large.png")
    assert pixels("still.png").shape == (1536, 1536, 3)


NAMED = ("edit", FACE, *WISH)
REFUSED = {
    "no steps": ((*NAMED, "--run", "single", "--steps", "0"), "--steps"),
    "half a step": ((*NAMED, "--run", "single", "--steps", "1.5"), "--steps"),
    "fewer steps than modules": ((*NAMED, "--run", "cascade", "--steps", "2"), "a cascade of 3 modules"),
    "one step of three": ((*NAMED, "--run", "cascade", "--steps", "1", "--frames"), "a cascade of 3 modules"),
    "more steps than modules": ((*NAMED, "--run", "cascade", "--steps", "4"), "in 3 steps, not in 4"),
    "a batch of them": (
        ("edit", "--run", "cascade", "--data", ".", "--pairs", "pairs.csv", "--steps", "2"),
        "a cascade of 3 modules",
    ),
    "one frame": ((*NAMED, "--run", "cascade", "--frames", "1"), "'--frames': 1 is not in the range"),
    "a face after --frames": (("edit", *WISH, "--run", "cascade", "--frames", FACE), "write --frames at the end"),
    "frames of pairs": (
        ("edit", "--run", "cascade", "--data", ".", "--pairs", "pairs.csv", "--frames"),
        "--frames: does not go with --pairs",
    ),
    "a still GIF": ((*NAMED, "--run", "cascade", "--out", "x.gif"), "made with --frames"),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_done_is_refused_and_nothing_is_written(efgan, here, arguments, message):
    before = sorted(here.rglob("*"))
    answer = efgan(*arguments, *(() if "--out" in arguments else ("--out", "x.png")))
    assert answer.code == 2, answer
    assert message in " ".join(answer.err.split())
    assert "Traceback" not in answer.err
    assert sorted(here.rglob("*")) == before

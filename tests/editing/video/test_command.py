"""`efgan edit` of clips: what comes of it, and what is refused."""

import json
import sys

import pytest

av = pytest.importorskip("av")

from efgan_kit.editing.video.reading import open_clip  # noqa: E402


@pytest.fixture
def edit(efgan, tiny_run):
    """Runs `efgan edit` with the tiny run."""
    return lambda *arguments: efgan("edit", *arguments, "--run", tiny_run, "--device", "cpu")


def test_a_clip_is_edited_and_its_flicker_told(edit, talking_clip, tmp_path):
    clip, labels = talking_clip
    out = tmp_path / "out.mp4"
    answer = edit(clip, "--labels", labels, "--expression", "happy", "--ease", 0.1, "--out", out)
    assert answer.code == 0, answer.err
    assert "out.mp4: 12 frames, 12 of them edited, coded by libx264, sound copied" in answer.out
    assert "face 1: frames 1 to 12, flicker" in answer.out
    assert [f.seconds for f in open_clip(out).frames()] == [f.seconds for f in open_clip(clip).frames()]
    assert open_clip(out).tags["comment"].startswith("face edited with efgan_kit")


def test_the_report_as_json(edit, talking_clip, tmp_path):
    clip, labels = talking_clip
    csv = tmp_path / "targets.csv"
    csv.write_text("frame,AU12_r\n1,0\n12,5\n")
    answer = edit(clip, "--labels", labels, "--targets", csv, "--out", tmp_path / "out.mkv", "--json")
    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    assert (report["frames"], report["sound"], report["size"]) == (12, "copied", [128, 96])
    assert report["tracks"][0]["first"] == 1
    assert set(report["tracks"][0]["flicker"]) == {"source", "edited", "pairs", "ratio"}


def test_the_faces_of_a_clip_are_listed(edit, talking_clip):
    clip, labels = talking_clip
    answer = edit(clip, "--labels", labels, "--faces", "list")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("1: frames 1 to 12, about ")


def test_an_interruption_leaves_nothing(edit, talking_clip, tmp_path, monkeypatch):
    clip, labels = talking_clip

    def interrupted(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr("efgan_kit.editing.editor.Editor.edit_samples", interrupted)
    before = sorted(tmp_path.iterdir())
    answer = edit(clip, "--labels", labels, "--expression", "happy", "--out", tmp_path / "out.mp4")
    assert answer.code == 130
    assert sorted(tmp_path.iterdir()) == before


def test_a_photos_way_becomes_a_clip(edit, tmp_path):
    answer = edit("test:0", "--expression", "happy", "--frames", 4, "--out", tmp_path / "way.mp4")
    assert answer.code == 0, answer.err
    assert len(list(open_clip(tmp_path / "way.mp4").frames())) == 5  # the last rests


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--out", "out.png"], "out.png: is not the name of a clip; one of: .mp4"),
        (["--out", "nowhere/out.mp4"], "there is no folder"),
        (["--out", "talk.mp4"], "originals are not overwritten"),
        (["--frames", "8"], "--frames: does not go with a clip"),
        (["--sweep"], "--sweep: does not go with a clip"),
        (["--au", "AU12=0.5"], "--au and --expression exclude each other"),
        (["--hold", "--relative"], "--hold: does not go with --relative"),
        (["--faces", "2"], "1 face was followed, and none has the number 2"),
        (["--faces", "list"], "does not go with --faces list"),
        (["other.mp4"], "edit each clip by itself"),
        (["--ease", "-1"], "is not in the range"),
        (["--steps", "0"], "is not in the range"),
    ],
)
def test_nonsense_is_refused(edit, talking_clip, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    given = {"--out": "out.mp4"} if "--out" not in options else {}
    answer = edit(
        "talk.mp4", "--labels", "talk.csv", "--expression", "happy", *options, *[x for p in given.items() for x in p]
    )
    assert answer.code == 2, answer.out
    assert said in answer.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["talk.csv", "talk.mp4"]


def test_options_of_clips_are_refused_for_photos(edit, tmp_path):
    answer = edit("test:0", "--expression", "happy", "--ease", 1, "--out", tmp_path / "out.png")
    assert answer.code == 2
    assert "--ease: is for clips, and none is given" in answer.err
    answer = edit("test:0", "--expression", "happy", "--out", tmp_path / "out.mp4")
    assert answer.code == 2
    assert "--frames N makes one of a photo's way" in answer.err


def test_a_clip_without_faces_is_refused(edit, talking_clip, tmp_path):
    clip, labels = talking_clip
    labels.write_text(labels.read_text().replace(", 0.98, 1,", ", 0.10, 1,"))
    answer = edit(clip, "--labels", labels, "--expression", "happy", "--out", tmp_path / "out.mp4")
    assert answer.code == 2
    assert "talk.mp4: no face was found in its 12 frames" in answer.err
    assert not (tmp_path / "out.mp4").exists()


def test_what_is_no_clip_is_one_line(edit, tmp_path):
    (tmp_path / "words.mp4").write_text("words")
    answer = edit(tmp_path / "words.mp4", "--expression", "happy", "--out", tmp_path / "out.mp4")
    assert answer.code == 2
    assert answer.err.count("error:") == 1
    assert "is not a readable video" in answer.err


def test_without_pyav_the_way_to_it_is_told(edit, talking_clip, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    answer = edit(talking_clip[0], "--expression", "happy", "--out", tmp_path / "out.mp4")
    assert answer.code == 2
    assert "pip install 'efgan-kit[video]'" in answer.err

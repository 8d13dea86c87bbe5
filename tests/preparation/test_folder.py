"""A folder of photos becomes a photo folder: whole, in order, and the same whatever interrupts it."""

import csv
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from efgan_kit.api import FaceSpec, au_set
from efgan_kit.components.datasets.photo_folder import PhotoFolder
from efgan_kit.components.datasets.photos.framing import cut, into_frame, level_frame
from efgan_kit.errors import EfganError
from efgan_kit.preparation import Cropping, Preparation, prepare_folder
from efgan_kit.preparation.people import naming

FACES = FaceSpec(64, au_set("openface-17"))


def rows_of(folder):
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def prepare(plan, how="folder", **options):
    return prepare_folder(plan, naming(how), **options)


def test_every_face_is_found_with_its_person_aus_and_pairs(plan, photos):
    prepared = prepare(plan())
    assert [entry.photo for entry in prepared.faces] == sorted(photos[1])
    data = PhotoFolder(FACES, root=str(plan().out))
    assert data.framing == "face", "crops leave room for the frame that training cuts out"
    assert list(data.people) == [name.partition("/")[0] for name in sorted(photos[1])]
    assert len(data.pairs) == 6, "each photo with the person's next"
    smiles = data.au_vectors[:, data.aus.index("AU12")].tolist()
    assert smiles == pytest.approx([0, 0.5, 1] * 3, abs=0.011)
    assert data.au_vectors[:, data.aus.index("AU06")].eq(0).all()
    assert Preparation.read(plan().out) == plan().preparation


@pytest.mark.parametrize("size", [512, 150])
def test_training_sees_the_face_that_editing_cuts_out_of_the_photo(plan, photos, size):
    """The same face both ways: landmarks to a hundredth of a pixel, pixels but for being resampled twice."""
    plan = plan(cropping=Cropping(size=size))
    prepared = prepare(plan)
    data = PhotoFolder(FACES, root=str(plan.out))
    for index, entry in enumerate(prepared.faces):
        pixels = np.asarray(Image.open(photos[0] / entry.photo).convert("RGB"))
        (found,) = _seen(plan, pixels)
        frame = level_frame(found.landmarks)
        there, here = cut(pixels, frame, 64).float(), data[index].image.float()
        assert (into_frame(found.landmarks, frame, 64) - data[index].landmarks).abs().max() < 0.01
        assert (there - here).abs().mean() < 2.5


def _seen(plan, pixels):
    from seer_parts import Seer

    from efgan_kit.api import Picture

    return Seer()(Picture(pixels))


def test_landmarks_lie_on_the_crop_where_they_were_painted_in_the_photo(plan, photos):
    plan = plan()
    for row in rows_of(prepare(plan).plan.out):
        pixels = np.asarray(Image.open(plan.out / row["image"])).astype(int)
        red = (pixels[..., 0] > 150) & (pixels[..., 1:].max(axis=2) < 90)
        y, x = (axis.mean() for axis in np.nonzero(red))
        assert [x, y] == pytest.approx([float(row["x_36"]), float(row["y_36"])], abs=0.6)
        assert float(row["y_36"]) == pytest.approx(float(row["y_45"]), abs=0.6), "eyes lie level"


def test_interrupted_and_gone_on_with_it_is_the_same_folder(plan, content):
    def stop_at(count):
        def progress(what, done, total):
            if what == "looking for faces" and done == count:
                raise KeyboardInterrupt

        return progress

    whole = content(prepare(plan("whole")).plan.out)
    for count in (2, 5):
        with pytest.raises(KeyboardInterrupt):
            prepare(plan("again"), progress=stop_at(count))
        assert not (plan("again").out / "labels.csv").exists(), "no labels before all are there"
    journal = plan("again").work / "journal.jsonl"
    journal.write_bytes(journal.read_bytes() + b'{"picture": "anna/2.p')  # killed while it was written
    first = prepare(plan("again"), progress=lambda what, done, total: None)
    assert content(first.plan.out) == whole


def test_killed_with_two_jobs_and_gone_on_with_one_it_is_the_same_folder(plan, content, photos):
    out = plan("killed").out
    options = ["--landmarks", "seer", "--person", "folder", "--landmarks-option", "wait=0.4"]
    command = [sys.executable, "-m", "efgan_kit", "data", "prepare", str(photos[0]), "--out", str(out), *options]
    process = subprocess.Popen([*command, "--jobs", "2"], stderr=subprocess.PIPE, start_new_session=True)
    journal = plan("killed").work / "journal.jsonl"
    while not (journal.exists() and journal.stat().st_size):
        assert process.poll() is None, process.stderr.read().decode()
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (out / "labels.csv").exists(), "it was killed before its end"
    done = len(journal.read_bytes().splitlines())
    seen = []
    prepare(plan("killed", wait=0.4), progress=lambda what, n, total: seen.append((what, n)))
    assert next(n for what, n in seen if what == "looking for faces") == done > 0, "what was done is not done again"
    assert content(out) == content(prepare(plan("whole", wait=0.4)).plan.out)


def test_another_plan_is_refused_with_what_differs(plan, content):
    before = content(prepare(plan()).plan.out)
    with pytest.raises(EfganError) as caught:
        prepare(plan(cropping=Cropping(size=100, form="jpeg"), wait=0.1))
    told = str(caught.value)
    wait = "option wait 0.0, now landmarks-option wait 0.1"
    for difference in ("size 512, now size 100", "form png, now form jpeg", wait):
        assert difference in told
    assert content(plan().out) == before


def test_pictures_that_came_are_added_and_faces_of_those_that_went_are_removed(plan, photos, photo, content):
    prepare(plan())
    (photos[0] / "anna" / "0.png").unlink()
    photo(photos[0] / "dora" / "new.png", smile=0.2)
    photo(photos[0] / "ben" / "1.png", smile=0.9)
    assert content(prepare(plan()).plan.out) == content(prepare(plan("anew")).plan.out)
    assert len(rows_of(plan().out)) == 9


def test_people_may_be_named_otherwise_without_looking_again(plan, monkeypatch):
    from efgan_kit.preparation import folder

    prepare(plan(), "none")
    monkeypatch.setattr(folder, "prepare_pictures", lambda plan, left, jobs, where: iter([None] * len(left)))
    prepare(plan(), "folder")
    assert {row["person"] for row in rows_of(plan().out)} == {"anna", "ben", "carla"}


def test_a_folder_with_something_else_in_it_is_left_alone(plan, tmp_path, photos):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("dear")
    with pytest.raises(EfganError, match="is not empty"):
        prepare(plan())
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]
    with pytest.raises(EfganError, match="holds the photos themselves"):
        prepare(plan("."))


def test_the_folder_may_lie_among_the_photos(plan, photos):
    inside = plan("photos/prepared")
    assert len(prepare(inside).faces) == 9
    assert len(prepare(inside).faces) == 9, "its own crops are no photos"


def test_two_processes_do_not_prepare_one_folder(plan):
    from efgan_kit.preparation.folder import _alone_at

    plan().begin()
    with _alone_at(plan()), pytest.raises(EfganError, match="another process is preparing this folder"):
        prepare(plan())


def test_several_faces_of_a_picture_are_nobodys_by_the_folders_name(plan, photos, photo):
    from efgan_kit.preparation import Choice

    photo(photos[0] / "anna" / "group.png", middle=(120.0, 120.0), more=[((340.0, 200.0), 90.0, 10.0)])
    prepared = prepare(plan(choice=Choice(faces="all")))
    group = [row for row in rows_of(plan().out) if row["photo"] == "anna/group.png"]
    assert [row["person"] for row in group] == ["", ""]
    assert [row["face"] for row in group] == ["0", "1"]
    assert float(group[0]["face_px"]) > float(group[1]["face_px"]), "the largest first"
    assert any("2 of 11 faces are nobody's by name" in warning for warning in prepared.warnings)


def test_a_run_keeps_the_preparation_of_its_faces(plan, tmp_path, tiny_run):
    from efgan_kit.recipe import load_recipe, with_photo_folder
    from efgan_kit.training import train

    prepare(plan())
    overrides = with_photo_folder(("train.steps=2",), str(plan().out))
    recipe = load_recipe(tiny_run / "recipe.yaml", overrides=overrides)
    train(recipe, run=tmp_path / "run", device="cpu", quiet=True)
    assert Preparation.read(tmp_path / "run") == plan().preparation
    train(recipe, run=tmp_path / "run", device="cpu", quiet=True, resume=True)
    assert Preparation.read(tmp_path / "run") == plan().preparation
    assert Preparation.read(tiny_run) is None

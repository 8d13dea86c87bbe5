"""The editor: the whole picture comes back, changed where the edit changed it and nowhere else."""

import shutil

import attrs
import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from efgan_kit import Editor
from efgan_kit.api import Edited, FaceSample, FaceSpec, au_set
from efgan_kit.components.datasets.drawing.photo_folder_writer import write_photo_folder
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.editing.batch import edit_jobs, jobs_of_pairs
from efgan_kit.editing.blending import EXACT
from efgan_kit.editing.faces import face_of_photo
from efgan_kit.editing.labels import LabelFinder
from efgan_kit.editing.showcase import edit_one_face
from efgan_kit.editing.sources import Sources, unique_names
from efgan_kit.errors import EfganError


class Brighten(nn.Module):
    """A graph that adds the change of the first AU to every pixel."""

    def edit(self, source, landmarks, source_aus, target_aus):
        change = (target_aus - source_aus)[:, :1, None, None]
        image = (source + change).clamp(-1, 1)
        return Edited(image, image, change.abs().expand_as(source[:, :1]), (image,))


@pytest.fixture
def editor(tiny_run):
    return Editor.load(tiny_run, "cpu")


@pytest.fixture
def brightening(editor):
    return Editor(attrs.evolve(editor.trained, graph=Brighten()))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def wide_photo(tmp_path):
    """A drawn face of 80 pixels at (30, 10) of a landscape of noise, with labels."""
    folder = tmp_path / "wide"
    data = DrawnFaces(FaceSpec(80, au_set("openface-17")), people=1, expressions=1)
    write_photo_folder(data, folder)
    path = folder / "images/p0000_0.png"
    noise = np.random.default_rng(0).integers(0, 256, (100, 160, 3), dtype=np.uint8)
    noise[10:90, 30:110] = np.asarray(Image.open(path))
    Image.fromarray(noise).save(path)
    header, row = (folder / "labels.csv").read_text().splitlines()
    names, cells = header.split(","), row.split(",")
    moved = [
        str(float(cell) + (30 if name[0] == "x" else 10)) if name[:2] in ("x_", "y_") else cell
        for name, cell in zip(names, cells, strict=True)
    ]
    (folder / "labels.csv").write_text(f"{header}\n{','.join(moved)}\n")
    return path


def test_an_edit_to_the_same_aus_gives_back_every_byte(brightening, wide_photo):
    face = face_of_photo(wide_photo, brightening.faces, LabelFinder(brightening.aus.names))
    edited = brightening.edit([face], face.sample.aus[None])[0]
    assert np.array_equal(edited.picture(), np.asarray(Image.open(wide_photo)))
    assert edited.unseen == "the target AUs are the face's own"


def test_an_exact_edit_changes_the_frame_and_nothing_around_it(brightening, wide_photo):
    face = face_of_photo(wide_photo, brightening.faces, LabelFinder(brightening.aus.names))
    face = attrs.evolve(face, pasting=EXACT)
    target = face.sample.aus.clone()
    target[0] = 0.5
    edited = brightening.edit([face], target[None])[0]
    before, after = np.asarray(Image.open(wide_photo)).astype(int), edited.picture().astype(int)
    left, top = int(face.frame.left), int(face.frame.top)
    inside = np.zeros((100, 160), dtype=bool)
    inside[max(0, top) : top + int(face.frame.side), max(0, left) : left + int(face.frame.side)] = True
    assert np.array_equal(before[~inside], after[~inside])
    assert (after[inside] >= before[inside]).all()
    # Half of the change of an AU by a, on a scale from -1 to 1, is a share of 255.
    expected = 127.5 * (0.5 - face.sample.aus[0].item())
    unclamped = inside & (before.max(axis=2) < 100)
    assert np.median((after - before)[unclamped]) == pytest.approx(expected, abs=1)
    assert edited.unseen == ""


def test_why_nothing_changed_is_said(editor, tiny_run):
    class Copy(nn.Module):
        def edit(self, source, landmarks, source_aus, target_aus):
            return Edited(source, source, torch.full_like(source[:, :1], self.attention), (source,))

    graph = Copy()
    copying = Editor(attrs.evolve(editor.trained, graph=graph))
    face = Sources(editor.trained.recipe).find("test:0")
    target = torch.ones(1, 4)
    graph.attention = 0.001
    assert "copies its input" in copying.edit([face], target)[0].unseen
    graph.attention = 0.5
    assert "AU26" in copying.edit([face], target)[0].unseen


def test_a_model_without_test_faces_asks_for_a_photo(editor):
    recipe = editor.trained.recipe
    bare = attrs.evolve(recipe, data={name: data for name, data in recipe.data.items() if name != "test"})
    with pytest.raises(EfganError, match="test:0: the model came without test faces; name a photo"):
        Sources(bare).find("test:0")


def test_faces_are_edited_alike_whatever_their_batch(editor):
    sources = Sources(editor.trained.recipe)
    faces = [sources.find(f"test:{i}") for i in range(11)]
    targets = torch.rand(11, 4, generator=torch.Generator().manual_seed(0))
    together = editor.edit_samples([face.sample for face in faces], targets).image
    alone = editor.edit_samples([faces[9].sample], targets[9:10]).image
    torch.testing.assert_close(together[9:10], alone, atol=1e-5, rtol=0)
    assert together.shape == (11, 3, 32, 32)


def test_faces_of_another_size_and_aus_of_another_number_are_refused(editor):
    small = FaceSample(torch.zeros(3, 16, 16, dtype=torch.uint8), torch.zeros(68, 2), torch.zeros(4))
    with pytest.raises(EfganError, match=r"\(3, 16, 16\) for a run of size 32"):
        editor.edit_samples([small], torch.zeros(1, 4))
    with pytest.raises(EfganError, match="one row of 4 AUs"):
        editor.edit_samples([small], torch.zeros(1, 17))


def test_the_path_begins_with_the_face_and_ends_at_the_target(brightening):
    face = Sources(brightening.trained.recipe).find("test:0")
    target = torch.ones(4)
    path = list(brightening.path(face, target, 5))
    assert np.array_equal(path[0].picture(), face.read())
    assert torch.equal(path[-1].target_aus, target)
    first_au = [step.target_aus[0].item() for step in path]
    own = face.sample.aus[0].item()
    assert first_au == pytest.approx([own + k / 4 * (1 - own) for k in range(5)], abs=1e-6)


@pytest.mark.usefixtures("cache")
def test_pairs_keep_the_order_and_the_numbers_of_their_lines(brightening, drawn_photos, tmp_path):
    folder = tmp_path / "photos"
    shutil.copytree(drawn_photos, folder)
    lines = (folder / "labels.csv").read_text().splitlines()
    doubted = [f"{line},{0.1 if 'p0001_0' in line else 0.9}" for line in lines[1:]]
    (folder / "labels.csv").write_text("\n".join([lines[0] + ",confidence", *doubted]) + "\n")
    pairs = [("p0002_2", "p0002_0"), ("p0001_0", "p0001_1"), ("p0000_1", "p0000_2"), ("p0002_2", "p0002_0")]
    text = "".join(f"images/{source}.png,./images/{truth}.png\n" for source, truth in pairs)
    (tmp_path / "mine.csv").write_text(f"source,truth\n{text}")
    jobs, warnings = jobs_of_pairs(brightening.faces, folder, tmp_path / "mine.csv", "auto")
    assert [job.name for job in jobs] == ["00000", "00002", "00003"]
    assert "mine.csv:3: left out" in warnings[0]
    edited = [edit for _, edit in edit_jobs(brightening, jobs)]
    assert [edit.face.name for edit in edited] == ["p0002_2", "p0000_1", "p0002_2"]
    truth = face_of_photo(
        folder / "images/p0000_2.png", brightening.faces, LabelFinder(brightening.aus.names)
    )
    assert torch.equal(edited[1].target_aus, truth.sample.aus)
    assert edited[1].picture().shape == (48, 48, 3)


def test_faces_of_one_name_get_numbers(editor):
    face = Sources(editor.trained.recipe).find("test:0")
    assert unique_names([face, face, face]) == ["p0000_0", "p0000_0-2", "p0000_0-3"]


def test_the_showcase_is_one_face_before_and_after(tiny_run, tmp_path):
    shutil.copytree(tiny_run, tmp_path / "run")
    path, expression = edit_one_face(tmp_path / "run", "cpu")
    assert path == tmp_path / "run" / "edited.png"
    assert expression in ("happy", "surprised", "sad")
    with Image.open(path) as sheet:
        assert sheet.width > 512

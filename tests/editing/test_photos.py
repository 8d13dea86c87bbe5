"""The faces of whole photos: found, numbered, chosen, edited together, and refused with a reason."""

import attrs
import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from efgan_kit import Editor
from efgan_kit.api import Edited, FaceSpec, FoundFace, au_set
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.editing.photos import faces_in_photo, find_faces, open_photo, pasted
from efgan_kit.errors import EfganError
from efgan_kit.preparation import FaceFinder, Preparation
from efgan_kit.preparation.record import Part


class Known(FaceFinder):
    """Finds faces that it was told of; of each, AU12 is a tenth of its number."""

    def __init__(self, faces):
        self.preparation = Preparation(Part("known"), Part("known"))
        self._landmarker = lambda picture: faces
        self._labeller = lambda picture, face: {"AU12": 0.1, "AU99": 1.0}


class LightMouth(nn.Module):
    """A graph that lights the middle of the lower half of every face."""

    def edit(self, source, landmarks, source_aus, target_aus):
        image = source.clone()
        image[:, :, 20:24, 14:18] = 1
        return Edited(image, image, torch.zeros_like(source[:, :1]), (image,))


@pytest.fixture(scope="module")
def five(tmp_path_factory):
    """A photo of five drawn faces on noise, and what is to be found in it, the largest first."""
    pixels = np.random.default_rng(0).integers(0, 256, (200, 700, 3), dtype=np.uint8)
    found = []
    for place, size in enumerate((90, 110, 100, 120, 80)):
        face = DrawnFaces(FaceSpec(size, au_set("openface-17")), people=5, expressions=1)[place]
        left, top = 10 + 135 * place, 20 + 10 * (place % 2)
        pixels[top : top + size, left : left + size] = face.image.permute(1, 2, 0)
        found.append(FoundFace(face.landmarks.numpy() + np.array([left, top], np.float32), pose=(0.0, 3.0, 0.0)))
    path = tmp_path_factory.mktemp("five") / "five.png"
    Image.fromarray(pixels).save(path)
    return path, sorted(found, key=lambda face: -face.area)


@pytest.fixture
def editor(tiny_run):
    return Editor.load(tiny_run, "cpu")


def test_faces_are_numbered_from_the_left(five):
    path, found = five
    numbered = find_faces(open_photo(path), Known(found))
    assert [face.number for face in numbered] == [1, 2, 3, 4, 5]
    lefts = [face.found.box[0] for face in numbered]
    assert lefts == sorted(lefts)


@pytest.mark.parametrize(
    ("which", "numbers"), [("largest", None), ("all", [1, 2, 3, 4, 5]), ("2", [2]), ("5,2,5", [2, 5])]
)
def test_the_chosen_faces_come_in_the_order_of_their_numbers(editor, five, which, numbers):
    path, found = five
    faces = faces_in_photo(open_photo(path), editor, Known(found), which)
    from_the_left = sorted(found, key=lambda face: face.box[0])
    assert [face.number for face in faces] == (numbers or [from_the_left.index(found[0]) + 1])
    assert all(face.pasting.seamless for face in faces)
    assert faces[0].sample.aus.tolist() == pytest.approx([0, 0.1, 0, 0])  # AU06, AU12, AU25, AU26


def test_two_of_five_faces_change_and_everything_else_keeps_every_bit(editor, five):
    path, found = five
    photo = open_photo(path)
    lighting = Editor(attrs.evolve(editor.trained, graph=LightMouth()))
    faces = faces_in_photo(photo, editor, Known(found), "2,4")
    edits = lighting.edit(faces, torch.ones(2, 4))
    result = pasted(photo, edits)
    changed = (result != photo.values).any(axis=2)
    rows, columns = np.indices(changed.shape)
    allowed = np.zeros_like(changed)
    for face in faces:
        away = np.stack([columns, rows], axis=-1) + 0.5 - face.frame.centre
        allowed |= (np.abs(away @ face.frame.axes) < face.frame.side / 2).all(axis=-1)
    assert not (changed & ~allowed).any()
    lefts = [face.frame.left for face in faces]
    for face, left in zip(faces, lefts, strict=True):
        beside = changed[:, max(0, int(left)) : int(left + face.frame.side)]
        assert beside.sum() > 50
    one = pasted(photo, edits[:1])
    assert np.array_equal(pasted(photo, edits)[:, : int(lefts[1])], one[:, : int(lefts[1])])


def test_a_grey_photo_stays_grey(editor, five, tmp_path):
    path, found = five
    with Image.open(path) as image:
        image.convert("L").save(tmp_path / "grey.png")
    photo = open_photo(tmp_path / "grey.png")
    lighting = Editor(attrs.evolve(editor.trained, graph=LightMouth()))
    edits = lighting.edit(faces_in_photo(photo, editor, Known(found)), torch.ones(1, 4))
    assert pasted(photo, edits).shape == photo.values.shape


def small(face, share):
    middle = face.landmarks.mean(axis=0)
    return attrs.evolve(face, landmarks=(face.landmarks - middle) * share + middle)


REFUSED = {
    "no face": (lambda found: [], "largest", "no face was found"),
    "a tiny face": (lambda found: [small(found[0], 0.2)], "largest", r"pixels large, and an edit needs 40"),
    "a profile": (lambda found: [attrs.evolve(found[0], pose=(0, -70, 0))], "largest", "a profile, turned away by 70"),
    "no such number": (lambda found: found[:2], "3", "has 2 faces, and none of number 3"),
    "the tiny one": (lambda found: [small(f, 0.2) for f in found], "1", "face 1: the face is"),
    "all of them": (lambda found: [small(f, 0.2) for f in found], "all", "none of its faces can be edited"),
    "no number": (lambda found: found, "left", "1 is the leftmost face"),
}


@pytest.mark.parametrize(("change", "which", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_edited_is_refused_with_the_reason(editor, five, change, which, message):
    path, found = five
    with pytest.raises(EfganError, match=message):
        faces_in_photo(open_photo(path), editor, Known(change(found)), which)


def test_of_all_faces_those_that_cannot_be_edited_are_left_out_with_a_word(editor, five):
    path, found = five
    faces = faces_in_photo(open_photo(path), editor, Known([*found[:2], small(found[2], 0.2)]), "all")
    assert len(faces) == 2
    assert "is left out: the face is" in faces[0].warnings[0]


def test_a_turned_head_is_warned_of(editor, five):
    path, found = five
    faces = faces_in_photo(open_photo(path), editor, Known([attrs.evolve(found[0], pose=(0, 40, 0))]))
    assert "turned away by 40 degrees" in faces[0].warnings[0]


def test_without_a_pose_the_landmarks_tell_how_far_a_head_is_turned(editor, five):
    """A head of 100 between the eyes' outer corners, whose nose stands out by 50, turned about its axis."""
    path, _ = five
    head = {36: (-50, 0, 0), 45: (50, 0, 0), 30: (0, 34, 50), 8: (0, 130, 6), 48: (-29, 79, 18), 54: (29, 79, 18)}
    for degrees, words in ((0, ""), (50, ""), (60, "a profile, turned away by 60 degrees")):
        turn = np.radians(degrees)
        landmarks = np.zeros((68, 2), np.float32)
        for index, (across, down, ahead) in head.items():
            landmarks[index] = (across * np.cos(turn) + ahead * np.sin(turn), down)
        flaw = find_faces(open_photo(path), Known([FoundFace(landmarks + 60)]))[0].flaw
        assert words in flaw if words else not flaw

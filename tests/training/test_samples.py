"""Sample sheets: readable pictures of the expected size."""

import pytest
import torch
from PIL import Image

from efgan_kit.api import EfganError, FaceSample
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.samples import draw_samples
from efgan_kit.training.sheets import GAP, HEADER, to_picture, write_sheet

CELL = 128


def size(columns, rows, lines_above):
    return (columns * (CELL + GAP) + GAP, lines_above * HEADER + rows * (CELL + GAP + HEADER) + GAP)


def test_a_sheet_has_a_labelled_row_for_each_test_pair(prepared, tmp_path, weights, same):
    training, run = prepared(), RunFolder(tmp_path)
    before = weights(training.graph)
    draw_samples(training, run)
    with Image.open(run.sheet(0)) as sheet:
        sheet.load()
        assert sheet.format == "PNG"
        assert sheet.size == size(columns=5, rows=4, lines_above=2)
        source = sheet.crop((GAP, 2 * HEADER, GAP + CELL, 2 * HEADER + CELL))
        expected = to_picture(training.test[0].image / 127.5 - 1).resize((CELL, CELL), Image.Resampling.NEAREST)
        assert source.tobytes() == expected.tobytes()
    assert same(weights(training.graph), before)
    assert training.graph.training


def test_a_sheet_shows_the_averaged_weights(prepared, advance, tmp_path):
    training = prepared("train.ema=0.999")
    advance(training, 2)

    def drawn():
        draw_samples(training, RunFolder(tmp_path))
        return RunFolder(tmp_path).sheet(2).read_bytes()

    averaged = drawn()
    for parameter in training.averaged.ema.module.parameters():
        parameter.zero_()
    assert drawn() != averaged


def test_a_cascade_s_sheet_shows_the_face_after_every_module(prepared, tmp_path, monkeypatch):
    training = prepared()
    edit = training.graph.edit

    def in_three_steps(*inputs):
        edited = edit(*inputs)
        return edited._replace(steps=(edited.image, edited.image, edited.image))

    monkeypatch.setattr(training.graph, "edit", in_three_steps)
    draw_samples(training, RunFolder(tmp_path))
    with Image.open(RunFolder(tmp_path).sheet(0)) as sheet:
        assert sheet.size == size(columns=7, rows=4, lines_above=2)


class Strangers:
    """Three people with one face each."""

    names = people = ("anna", "ben", "carl")
    pairs = ()

    def __len__(self):
        return 3

    def __getitem__(self, index):
        image = torch.full((3, 32, 32), 60 * index, dtype=torch.uint8)
        return FaceSample(image, torch.full((68, 2), 16.0), torch.full((3,), index / 2))


def test_faces_without_a_truth_are_drawn_without_that_column(prepared, tmp_path):
    training = prepared()
    training.test = training.faces = Strangers()
    draw_samples(training, RunFolder(tmp_path))
    with Image.open(RunFolder(tmp_path).sheet(0)) as sheet:
        assert sheet.size == size(columns=4, rows=3, lines_above=2)


def test_training_faces_stand_in_where_the_recipe_has_no_test(prepared, tmp_path):
    training = prepared("data.test=null")
    assert training.test is None
    draw_samples(training, RunFolder(tmp_path))
    with Image.open(RunFolder(tmp_path).sheet(0)) as sheet:
        assert sheet.size == size(columns=5, rows=6, lines_above=2)


def test_a_sheet_that_cannot_be_written_is_told(prepared, tmp_path):
    (tmp_path / "samples").write_text("a file in the way")
    with pytest.raises(EfganError, match=r"0000000\.png: can't be written"):
        draw_samples(prepared(), RunFolder(tmp_path))


def test_pictures_and_maps_become_pixels():
    colours = torch.tensor([-1.0, 0.0, 1.0])[:, None, None].expand(3, 2, 2)
    assert to_picture(colours).getpixel((0, 0)) == (0, 128, 255)
    assert to_picture(torch.full((1, 2, 2), 0.5)).getpixel((1, 1)) == (128, 128, 128)
    assert to_picture(torch.full((3, 2, 2), 7.0)).getpixel((1, 1)) == (255, 255, 255)


def test_a_sheet_is_complete_or_absent(tmp_path, monkeypatch):
    path = tmp_path / "sheet.png"
    monkeypatch.setattr("os.fsync", lambda descriptor: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="No space left"):
        write_sheet(path, {"face": torch.zeros(1, 3, 4, 4)})
    assert not path.exists()

"""The first edit is the run's own; a faster graph makes the others if it made that one alike."""

import attrs
import pytest
import torch
from PIL import Image
from torch import nn

from efgan_kit import Editor
from efgan_kit.api import Edited
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.editing.fast import forward as fast_forward
from efgan_kit.editing.fast.forward import Forward
from efgan_kit.editing.fast.graph import FastGraph
from efgan_kit.errors import EfganError

CPU = torch.device("cpu")


class Shift(nn.Module):
    """Adds a number to a picture, and counts."""

    def __init__(self, by=0.0):
        super().__init__()
        self.by = by
        self.calls = 0

    def edit(self, source, landmarks, source_aus, target_aus):
        self.calls += 1
        image = source + self.by
        return Edited(image, image, source[:, :1], (image,))


@pytest.fixture
def faster(monkeypatch):
    """Stands in for the faster graph: `faster.by` is how far its pictures are off."""
    made = Shift()

    def instead(graph, dtype):
        made.dtype = dtype
        return made

    monkeypatch.setattr(fast_forward, "FastGraph", instead)
    return made


def edit(forward, value=0.0):
    source = torch.full((2, 3, 4, 4), value)
    return forward(lambda graph: graph.edit(source, None, None, None)).image.mean().item()


def test_the_first_edit_is_exact_and_the_faster_graph_is_tried_on_it(faster):
    own, faster.by = Shift(), 0.003
    forward = Forward(own, CPU, "auto")
    assert edit(forward) == 0
    assert (own.calls, faster.calls) == (1, 0)
    assert edit(forward, 0.5) == pytest.approx(0.503)
    assert edit(forward, 0.5) == pytest.approx(0.503)
    assert (own.calls, faster.calls) == (1, 3)
    assert forward.apart == pytest.approx(0.0015, abs=1e-6)


@pytest.mark.parametrize("by", [0.005, float("nan"), float("inf")])
def test_one_that_is_half_a_grey_value_off_never_edits(faster, by):
    own, faster.by = Shift(), by
    forward = Forward(own, CPU, "auto")
    assert [edit(forward) for _ in range(3)] == [0, 0, 0]
    assert (own.calls, faster.calls) == (3, 1)
    assert forward.described == "fp32"


def test_one_that_fails_never_edits(faster, monkeypatch):
    monkeypatch.setattr(faster, "edit", lambda *given: 1 / 0)
    forward = Forward(Shift(), CPU, "auto")
    assert [edit(forward) for _ in range(3)] == [0, 0, 0]
    assert forward.apart == float("inf")


def test_fp32_never_asks_it_and_bf16_asks_nothing_else(faster):
    own = Shift()
    edit(Forward(own, CPU))
    edit(Forward(own, CPU))
    assert (own.calls, faster.calls) == (2, 0)
    edit(Forward(own, CPU, "bf16"))
    assert (own.calls, faster.calls) == (2, 1)
    assert faster.dtype == torch.bfloat16


@pytest.mark.parametrize(("able", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_a_cpu_without_bf16_edits_sooner_in_fp32(faster, monkeypatch, able, dtype):
    monkeypatch.setattr(fast_forward, "computes_bf16", lambda: able)
    forward = Forward(Shift(), CPU, "auto")
    edit(forward)
    edit(forward)
    assert faster.dtype == dtype


def test_other_precisions_and_devices_are_refused():
    with pytest.raises(EfganError, match="there is no 'fp8'"):
        Forward(Shift(), CPU, "fp8")
    with pytest.raises(EfganError, match="bf16 edits on a CPU"):
        Forward(Shift(), torch.device("cuda"), "bf16")


def test_on_other_devices_auto_is_the_runs_own(faster):
    forward = Forward(Shift(), torch.device("cuda"), "auto")
    edit(forward)
    edit(forward)
    assert faster.calls == 0


def test_an_editor_edits_the_first_face_to_the_bit_and_others_nearly_so(tiny_run):
    own, auto = Editor.load(tiny_run, "cpu"), Editor.load(tiny_run, "cpu", "auto")
    data = DrawnFaces(own.faces, people=1, expressions=4)
    targets = torch.rand(1, len(own.aus), generator=torch.Generator().manual_seed(0))
    for place in range(3):
        wanted, found = (editor.edit_samples([data[place]], targets) for editor in (own, auto))
        assert torch.equal(found.image, wanted.image) == (place == 0)
        assert (found.image - wanted.image).abs().mean() / 2 < 0.5 / 255
    assert auto.forward.described in ("bf16", "fp32, fast")
    assert own.forward.described == "fp32"


def test_passes_and_the_way_to_an_edit_go_through_it_too(tiny_run):
    own, fast = Editor.load(tiny_run, "cpu"), Editor.load(tiny_run, "cpu", "bf16")
    data = DrawnFaces(own.faces, people=1, expressions=2)
    targets = torch.rand(1, len(own.aus), generator=torch.Generator().manual_seed(0))
    wanted, found = (editor.edit_samples([data[0]], targets, steps=3) for editor in (own, fast))
    assert len(found.steps) == 3
    assert 0 < (found.image - wanted.image).abs().mean() / 2 < 0.5 / 255
    assert isinstance(fast.forward._chosen, FastGraph)


def test_a_picture_says_what_it_was_computed_in(efgan, tiny_run, tmp_path):
    for precision, said in (("bf16", " in bf16:"), ("auto", None), ("fp32", None)):
        out = tmp_path / f"{precision}.png"
        answer = efgan(
            "edit", "test:0", "--run", str(tiny_run), "--au", "AU12=1", "--out", str(out), "--precision", precision
        )
        assert answer.code == 0
        with Image.open(out) as picture:
            text = str(picture.info)
        assert (said or " in bf16:") in text if said else " in bf16:" not in text
    assert (tmp_path / "auto.png").read_bytes() == (tmp_path / "fp32.png").read_bytes()


def test_an_editor_of_another_graph_edits_with_that(tiny_run):
    editor = Editor.load(tiny_run, "cpu")
    shifting = Shift()
    other = Editor(attrs.evolve(editor.trained, graph=shifting))
    other.edit_samples([DrawnFaces(editor.faces, people=1, expressions=1)[0]], torch.zeros(1, len(editor.aus)))
    assert shifting.calls == 1

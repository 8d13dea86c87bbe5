"""A faster graph edits where it is asked for, or where it was found to make the same of the run's own faces."""

import attrs
import pytest
import torch
from PIL import Image
from torch import nn

from efgan_kit import Editor
from efgan_kit.api import Edited
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.editing.fast import forward as fast_forward
from efgan_kit.editing.fast.forward import distance, forward_of, refuse_precision
from efgan_kit.editing.fast.graph import FastGraph
from efgan_kit.errors import EfganError
from efgan_kit.training import load_to_edit

CPU = torch.device("cpu")


class Shift(nn.Module):
    """Adds a number to a picture, and counts."""

    def __init__(self, by=0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.by = by
        self.calls = 0

    def edit(self, source, landmarks, source_aus, target_aus):
        self.calls += 1
        image = source + self.by
        return Edited(image, image, source[:, :1], (image,))


@pytest.fixture
def run(tiny_run):
    """A run whose graph leaves everything as it is."""
    return attrs.evolve(load_to_edit(tiny_run, "cpu"), graph=Shift())


@pytest.fixture
def faster(monkeypatch, tmp_path):
    """Stands in for the faster graph: `faster.by` is how far its pictures are off. Every graph is large enough."""
    made = Shift()

    def instead(graph, dtype):
        made.dtype = dtype
        return made

    monkeypatch.setattr(fast_forward, "FastGraph", instead)
    monkeypatch.setattr(fast_forward, "LARGE", 0)
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))
    return made


def test_one_that_makes_nearly_the_same_edits_and_is_asked_once_for_all(run, faster):
    faster.by = 0.003
    found = forward_of(run, "auto")
    assert found.graph is faster
    assert found.apart == pytest.approx(0.0015, abs=1e-6)
    assert forward_of(run, "auto").apart == found.apart
    assert (run.graph.calls, faster.calls) == (1, 1)
    run.graph.weight.data.fill_(1)
    forward_of(run, "auto")
    assert faster.calls == 2


@pytest.mark.parametrize("by", [0.005, float("nan"), float("inf")])
def test_one_that_is_half_a_grey_value_off_never_edits(run, faster, by):
    faster.by = by
    found = forward_of(run, "auto")
    assert found.graph is run.graph
    assert found.precision == "fp32"
    assert forward_of(run, "auto").graph is run.graph
    assert faster.calls == 1


def test_one_that_fails_never_edits(run, faster, monkeypatch):
    monkeypatch.setattr(faster, "edit", lambda *given: 1 / 0)
    assert forward_of(run, "auto").graph is run.graph


def test_a_cache_that_cant_be_used_is_done_without(run, faster, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "file"))
    assert forward_of(run, "auto").graph is faster
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path))
    forward_of(run, "auto")
    (kept,) = (tmp_path / "edits").iterdir()
    kept.write_text("{")
    assert forward_of(run, "auto").graph is faster
    assert faster.calls == 3


def test_small_runs_and_other_devices_and_fp32_are_left_alone(run, faster, monkeypatch):
    assert forward_of(run, "fp32").graph is run.graph
    assert forward_of(attrs.evolve(run, device=torch.device("cuda")), "auto").graph is run.graph
    monkeypatch.setattr(fast_forward, "LARGE", 2)
    assert forward_of(run, "auto").graph is run.graph
    assert faster.calls == 0


def test_bf16_asks_nothing(run, faster):
    faster.by = 1
    assert forward_of(run, "bf16").graph is faster
    assert faster.dtype == torch.bfloat16
    assert (run.graph.calls, faster.calls) == (0, 0)


@pytest.mark.parametrize(
    ("able", "dtype", "said"), [(True, torch.bfloat16, "bf16"), (False, torch.float32, "fp32, fast")]
)
def test_a_cpu_without_bf16_edits_sooner_in_fp32(run, faster, monkeypatch, able, dtype, said):
    monkeypatch.setattr(fast_forward, "fast_bf16", lambda device: able)
    assert forward_of(run, "auto").precision == said
    assert faster.dtype == dtype


def test_other_precisions_and_devices_are_refused(tiny_run):
    with pytest.raises(EfganError, match="there is no 'fp8'"):
        Editor.load(tiny_run, "cpu", "fp8")
    with pytest.raises(EfganError, match="bf16 edits on a CPU"):
        refuse_precision("bf16", torch.device("cuda"))


def test_a_run_whose_faces_are_gone_is_tried_on_drawn_ones(tiny_run):
    trained = load_to_edit(tiny_run, "cpu")
    without = attrs.evolve(trained, recipe=attrs.evolve(trained.recipe, data={}))
    assert 0 < distance(without, FastGraph(trained.graph, torch.bfloat16)) < 0.5 / 255


def test_the_faster_graph_edits_nearly_as_the_run_in_one_pass_and_in_several(tiny_run):
    own, fast = Editor.load(tiny_run, "cpu"), Editor.load(tiny_run, "cpu", "bf16")
    data = DrawnFaces(own.faces, people=1, expressions=2)
    targets = torch.rand(1, len(own.aus), generator=torch.Generator().manual_seed(0))
    for steps in (None, 3):
        wanted, found = (editor.edit_samples([data[0]], targets, steps) for editor in (own, fast))
        assert len(found.steps) == (steps or 1)
        assert 0 < (found.image - wanted.image).abs().mean() / 2 < 0.5 / 255
    assert (own.forward.precision, fast.forward.precision) == ("fp32", "bf16")


def test_a_picture_says_what_it_was_computed_in(efgan, tiny_run, tmp_path):
    for precision in ("bf16", "auto", "fp32"):
        out = tmp_path / f"{precision}.png"
        answer = efgan(
            "edit", "test:0", "--run", str(tiny_run), "--au", "AU12=1", "--out", str(out), "--precision", precision
        )
        assert answer.code == 0
        with Image.open(out) as picture:
            assert (" in bf16:" in str(picture.info)) == (precision == "bf16")
    assert (tmp_path / "auto.png").read_bytes() == (tmp_path / "fp32.png").read_bytes()

"""A rehearsal: what cannot work is refused, with the way out, before a run folder is begun."""

import pytest
import torch

from efgan_kit.api import EfganError
from efgan_kit.recipe import load_recipe
from efgan_kit.training.loop import prepare, train


@pytest.mark.parametrize(
    ("overrides", "lines"),
    [
        (
            ["graph.discriminators.final.predicts_aus=false"],
            [
                "losses.conditional: graph.discriminators.final: a live term asks for its AU head, but it has"
                " none; set its predicts_aus to true, or drop the term"
            ],
        ),
        (
            ["graph.interpolator=null"],
            ["losses.interpolation: graph.interpolator: a live term asks for it, but the graph has none"],
        ),
        (
            ["graph.au_discriminator=null"],
            ["losses.interpolation: graph.au_discriminator: a live term asks for it, but the graph has none"],
        ),
        (
            ["graph.discriminators=null", "graph.interpolator=null"],
            [
                "losses.adversarial: graph.discriminators: a live term asks for them, but the graph has none",
                "losses.conditional: graph.discriminators.final: a live term asks for its AU head",
                "losses.interpolation: graph.interpolator",
            ],
        ),
    ],
)
def test_a_part_that_the_graph_lacks_is_told_with_every_term_that_asks(overrides, lines, tiny, tmp_path):
    with pytest.raises(EfganError) as caught:
        train(tiny(*overrides), run=tmp_path / "run", quiet=True)
    found = str(caught.value).splitlines()
    assert len(found) == len(lines)
    for line, expected in zip(found, lines, strict=True):
        assert expected in line
        assert ".yaml:" in line or "-o " in line, "the place of the term in its recipe"
    assert not (tmp_path / "run").exists()


def test_a_graph_without_the_part_trains_once_the_term_is_gone(prepared, advance):
    assert advance(prepared("graph.interpolator=null", "losses.interpolation=null"))
    without_final = "graph.discriminators={initial: {use: patch-critic, width: 4, layers: 1}}"
    (losses,) = advance(prepared(without_final, "losses.conditional=null"))
    assert losses["adversarial.discriminator"] > 0


def test_a_rehearsal_changes_nothing(prepared, monkeypatch, weights, same):
    """Spectral norms estimate by iteration, batch norms by averages: neither may have gone on."""
    from efgan_kit.training import assembly

    rehearsed = prepared("losses.content={use: au-teacher, steps: 1, width: 4}")
    monkeypatch.setattr(assembly, "rehearse", lambda training: None)
    fresh = prepared("losses.content={use: au-teacher, steps: 1, width: 4}")
    assert same(weights(rehearsed.graph), weights(fresh.graph))
    assert same(weights(rehearsed.terms), weights(fresh.terms))
    assert rehearsed.graph.training
    assert all(part.training for part in rehearsed.graph.modules())
    assert all(parameter.grad is None for parameter in rehearsed.graph.parameters())


def test_losses_that_no_weight_can_lower_are_refused(tiny, tmp_path):
    """The published generators move no pixels: there is no flow to be smooth."""
    dropped = [f"losses.{name}=null" for name in ("adversarial", "conditional", "content", "attention")]
    with pytest.raises(EfganError, match=r"the generator can learn nothing from losses\.smooth"):
        train(tiny(*dropped, "losses.smooth.use=flow-smoothness"), run=tmp_path / "run", quiet=True)
    assert not (tmp_path / "run").exists()


def test_a_recipe_that_teaches_nobody_is_refused(prepared):
    names = ("adversarial", "conditional", "content", "attention", "interpolation")
    with pytest.raises(EfganError, match="no loss term teaches anyone"):
        prepared(*(f"losses.{name}.weight=0" for name in names))


PLUGIN = """
import torch
from torch import nn
from efgan_kit.api import hookimpl

class Wrong(nn.Module):
    def generator(self, edited, source):
        return {returned}

@hookimpl
def efgan_components(register):
    register("loss", "wrong", "wrong_plugin:Wrong")
"""


@pytest.fixture
def wrong_plugin(tmp_path, monkeypatch, fresh_registry):
    """Installs a plugin whose loss term `wrong` returns the expression."""

    def install(returned):
        (tmp_path / "wrong_plugin.py").write_text(PLUGIN.format(returned=returned))
        info = tmp_path / "wrong_plugin-0.5.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: wrong-plugin\nVersion: 0.5\n")
        (info / "entry_points.txt").write_text("[efgan_kit]\nwrong = wrong_plugin\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(__import__("sys").modules, "wrong_plugin", raising=False)

    return install


@pytest.mark.parametrize(
    ("returned", "what"),
    [
        ("edited @ source[:, :, :5]", "losses.mine: RuntimeError: "),
        ("edited.mean(dim=(1, 2, 3))", "its loss for the generator is a tensor (2,), not a scalar tensor"),
        ("0.5", "its loss for the generator is a float, not a scalar tensor"),
        ("edited.nonsense", "losses.mine: AttributeError: "),
    ],
)
def test_a_plugins_faulty_term_is_named_before_anything_is_written(returned, what, wrong_plugin, tiny, tmp_path):
    wrong_plugin(returned)
    with pytest.raises(EfganError) as caught:
        train(tiny("losses.mine.use=wrong"), run=tmp_path / "run", quiet=True)
    assert what in str(caught.value)
    if "Error" in what:
        assert "the recipe uses components of wrong-plugin" in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_fault_of_our_own_is_not_laid_at_the_users_door(tiny, monkeypatch):
    from efgan_kit.components.losses.cycle_l1 import CycleL1

    monkeypatch.setattr(CycleL1, "generator", lambda self, reconstruction: reconstruction.nonsense)
    with pytest.raises(AttributeError):
        prepare(tiny(), torch.device("cpu"))


def test_a_data_set_without_faces_is_refused(toy_plugin, tmp_path):
    recipe = load_recipe("toy", overrides=["data.train.count=0"])
    with pytest.raises(EfganError, match=r"data\.train has no faces"):
        train(recipe, run=tmp_path / "run", quiet=True)


def test_a_strangers_graph_generator_and_optimizer_train_like_ours(toy_plugin, tmp_path):
    """The toy plugin's SGD keeps no state, its faces have no pairs, its graph has no attention."""
    recipe = load_recipe("toy", overrides=["train.log_every=1", "train.steps=2"])
    summary = train(recipe, run=tmp_path / "run", quiet=True)
    assert summary["steps"] == 2
    resumed = train(recipe, run=tmp_path / "run", resume=True, quiet=True)
    assert resumed == summary
    assert (tmp_path / "run" / "samples" / "0000002.png").is_file()

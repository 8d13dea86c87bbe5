"""A run whose plugin is gone: the message says which it was, and how to have it again."""

import json
import shutil

import pytest

from efgan_kit.recipe.absent import absent

MOON = """
from efgan_kit.api import hookimpl
from torch import nn


@hookimpl
def efgan_components(register):
    register("loss", "moon", "moon_plugin:Moon", "Little")


class Moon(nn.Module):
    def generator(self, edited):
        return edited.abs().mean()
"""
TERM = "losses.moon={use: moon, weight: 1}"
TOLD = "the run was begun with moon-plugin 0.5, which is not installed; pip install 'moon-plugin==0.5'"


@pytest.fixture
def run(tmp_path, tiny_run, install_plugin, fresh_registry):
    """A run with a term of a plugin that was removed since."""
    from efgan_kit.recipe import load_recipe, lock

    place = install_plugin("moon-plugin", MOON)
    folder = tmp_path / "run"
    shutil.copytree(tiny_run, folder)
    recipe = load_recipe(tiny_run / "recipe.yaml", overrides=[TERM])
    (folder / "recipe.yaml").write_text(recipe.to_yaml())
    (folder / "lock.json").write_text(json.dumps(lock(recipe)))
    shutil.rmtree(place)
    place.mkdir()
    fresh_registry.cache_clear()
    return folder


def test_resuming_and_editing_tell_which_plugin_is_gone(run, tiny_run, efgan):
    for words in (
        ["train", run / "recipe.yaml", "--run", run, "--resume"],
        ["train", tiny_run / "recipe.yaml", "-o", TERM, "--run", run, "--resume"],
        ["edit", "test:0", "--run", run, "--au", "AU12=1", "--out", run.parent / "edited.png"],
    ):
        answer = efgan(*words)
        assert answer.code == 2
        assert "losses.moon: no loss is called 'moon'" in answer.err
        assert answer.err.count(TOLD) == 1


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"distributions": 3}', '{"distributions": {"moon": [1]}}', "\0"])
def test_a_lock_that_says_nothing_tells_nothing(content, tmp_path):
    (tmp_path / "lock.json").write_text(content)
    assert absent(tmp_path) == []
    assert absent(tmp_path / "nowhere") == []

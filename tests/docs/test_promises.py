"""Nothing that plugins were promised is gone: what docs/plugins/versions.md says, held to the code."""

import inspect
import warnings

import pluggy
import pytest
import yaml

from efgan_kit import api, hookspecs
from efgan_kit.components.graphs.ef_gan import EFGAN

from .conftest import ROOT

PROMISED = yaml.safe_load((ROOT / "tests" / "docs" / "promised.yaml").read_text(encoding="utf-8"))


def arguments(function):
    return [name for name in inspect.signature(function).parameters if name != "self"]


def test_every_name_of_the_api_is_there():
    assert set(PROMISED["api"]) <= set(api.__all__)
    assert [name for name in PROMISED["api"] if getattr(api, name, None) is None] == []


@pytest.mark.parametrize("hook", PROMISED["hooks"])
def test_every_hook_gives_its_arguments(hook):
    assert set(PROMISED["hooks"][hook]) <= set(arguments(getattr(hookspecs, hook)))


def test_register_takes_its_arguments_in_their_order():
    """They are given by position, so that only what comes after them may be new."""
    assert arguments(hookspecs.Register.__call__)[: len(PROMISED["register"])] == PROMISED["register"]


@pytest.mark.parametrize("kind", PROMISED["kinds"])
def test_every_kind_is_given_its_context(kind):
    assert set(PROMISED["kinds"][kind]) <= set(api.KINDS[kind].context)


def test_every_named_value_is_there():
    declared = {name for name in dir(EFGAN) if hasattr(getattr(EFGAN, name), "efgan_value")}
    assert set(PROMISED["values"]) <= declared | set(api.GIVEN_VALUES)


def test_a_hook_may_gain_arguments_and_a_deprecated_one_warns():
    """How pluggy treats a plugin of today under the hooks of tomorrow."""

    class Tomorrow:
        @hookspecs.hookspec
        def efgan_checkpoint_written(self, run, step, checkpoint, metrics): ...

        @pluggy.HookspecMarker(hookspecs.PROJECT)(warn_on_impl=DeprecationWarning("say efgan_run_finished"))
        def efgan_step_logged(self, run, record): ...

    class Plugin:
        @hookspecs.hookimpl
        def efgan_checkpoint_written(self, step, checkpoint):
            return f"{step} in {checkpoint}"

    class Late(Plugin):
        @hookspecs.hookimpl
        def efgan_step_logged(self, record): ...

    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(Tomorrow)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        manager.register(Plugin())
    manager.check_pending()
    given = {"run": "runs/mine", "step": 7, "checkpoint": "7", "metrics": {}}
    assert manager.hook.efgan_checkpoint_written(**given) == ["7 in 7"]
    with pytest.warns(DeprecationWarning, match="say efgan_run_finished"):
        manager.register(Late())

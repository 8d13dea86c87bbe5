"""Hooks of modules and of objects: those that are called, with what they are given."""

from types import SimpleNamespace

from efgan_kit.api import hookimpl
from efgan_kit.registry import hooks


class Plugin:
    @hookimpl
    def efgan_components(self, register): ...

    @staticmethod
    @hookimpl
    def efgan_recipes(): ...

    @hookimpl(specname="efgan_models")
    def models(self): ...

    @property
    def trap(self):
        raise AssertionError("asked")

    def efgan_run_started(self, run, recipe):
        """Not marked, and so no hook."""


def test_an_objects_marked_functions_are_its_hooks():
    assert {name for name, _ in hooks.implementations(Plugin())} == {
        "efgan_components", "efgan_recipes", "efgan_models",
    }  # fmt: skip
    assert hooks.faults_of(Plugin()) == []


def test_fewer_arguments_are_fine_and_others_with_defaults_too():
    @hookimpl
    def efgan_run_finished(run, moon=1, *rest, sun=2, **more): ...

    assert hooks.faults_of(SimpleNamespace(efgan_run_finished=efgan_run_finished)) == []


def test_each_strange_argument_is_named():
    @hookimpl
    def efgan_step_logged(run, moon, *, sun): ...

    (fault,) = hooks.faults_of(SimpleNamespace(efgan_step_logged=efgan_step_logged))
    assert fault == (
        "its hook is written efgan_step_logged(run, moon, *, sun), but efgan-kit calls efgan_step_logged(run, record): "
        "there is no 'moon', 'sun' to give"
    )


def test_every_hook_of_the_page_is_known():
    assert {"efgan_components", "efgan_recipes", "efgan_models", "efgan_run_started"} <= set(hooks.SPECS)

"""Lifecycle hooks: every plugin hears of every event, and one that fails stops nobody."""

import pluggy
import pytest

from efgan_kit import hookspecs
from efgan_kit.api import EfganError, fail, hookimpl
from efgan_kit.training import listeners as listeners_module
from efgan_kit.training.listeners import Listeners
from efgan_kit.training.loop import train


class Diary:
    """Notes what it hears, in order."""

    def __init__(self):
        self.heard = []

    @hookimpl
    def efgan_run_started(self, run, recipe):
        self.heard.append(("started", run, recipe))

    @hookimpl
    def efgan_step_logged(self, record):
        self.heard.append(("logged", record["step"], set(record)))

    @hookimpl
    def efgan_step_ended(self, step):
        self.heard.append(("step", step))

    @hookimpl
    def efgan_samples_drawn(self, step, sheet):
        self.heard.append(("samples", step, sheet.is_file()))

    @hookimpl
    def efgan_run_stopped(self, step, reason):
        self.heard.append(("stopped", step, reason))

    @hookimpl
    def efgan_checkpoint_written(self, step, checkpoint):
        self.heard.append(("checkpoint", step, (checkpoint / "state.json").is_file()))

    @hookimpl
    def efgan_run_finished(self, run, summary):
        self.heard.append(("finished", (run / "summary.json").is_file(), summary))


class Clumsy:
    def __init__(self, error):
        self.error = error
        self.calls = 0

    @hookimpl
    def efgan_step_logged(self, record):
        self.calls += 1
        raise self.error


@pytest.fixture
def install(monkeypatch):
    """Plugins in place of the installed ones, by name."""

    def install(**plugins):
        manager = pluggy.PluginManager(hookspecs.PROJECT)
        manager.add_hookspecs(hookspecs)
        for name, plugin in plugins.items():
            manager.register(plugin, name=name)

        class Registry:
            pass

        Registry.manager = manager
        monkeypatch.setattr(listeners_module, "registry", lambda: Registry)

    return install


def test_a_plugin_hears_of_a_training_in_order(install, tiny, tmp_path):
    diary = Diary()
    install(diary=diary)
    recipe = tiny("train.steps=3", "train.log_every=2", "train.checkpoint_every=2", "train.sample_every=3")
    summary = train(recipe, run=tmp_path / "run", quiet=True)
    kinds = [(heard[0], heard[1]) for heard in diary.heard[1:-1]]
    written = [kind for kind in kinds if kind[0] == "checkpoint"]
    assert [kind for kind in kinds if kind not in written] == [
        *(("step", 1), ("step", 2), ("logged", 2)),
        *(("step", 3), ("logged", 3), ("samples", 3)),
    ]
    assert written == [("checkpoint", 2), ("checkpoint", 3)], "when they stand, which may be some steps later"
    assert kinds.index(("logged", 2)) < kinds.index(("checkpoint", 2))
    assert kinds[-1] == ("checkpoint", 3)
    assert diary.heard[0][:2] == ("started", tmp_path / "run")
    assert diary.heard[0][2]["train"]["steps"] == 3, "the whole resolved recipe"
    assert diary.heard[0][2]["losses"]["content"]["use"] == "cycle-l1"
    assert diary.heard[3][2] >= {"step", "seconds", "losses", "rates", "attention", "edits"}
    assert [heard[2] for heard in diary.heard if heard[0] in ("checkpoint", "samples")] == [True, True, True]
    assert diary.heard[-1] == ("finished", True, summary)


@pytest.mark.parametrize("error", [ValueError("no network"), SystemExit(3)])
def test_a_plugin_that_fails_is_named_once_and_the_others_still_hear(install, error):
    clumsy, diary, warnings = Clumsy(error), Diary(), []
    install(**{"clumsy-logger:clumsy": clumsy, "diary": diary})
    listeners = Listeners(warnings.append)
    for step in (1, 2, 3):
        listeners.tell("efgan_step_logged", run=None, record={"step": step})
    assert [heard[1] for heard in diary.heard] == [1, 2, 3]
    assert clumsy.calls == 3, "what failed for lack of a network may work when it is back"
    assert len(warnings) == 1
    assert "efgan_step_logged of the plugin clumsy-logger:clumsy failed" in warnings[0]
    assert type(error).__name__ in warnings[0]


def test_a_plugin_that_fails_does_not_end_a_training(install, tiny, tmp_path, capfd):
    install(**{"clumsy-logger:clumsy": Clumsy(RuntimeError("full"))})
    assert train(tiny("train.steps=2"), run=tmp_path / "run")["steps"] == 2
    assert capfd.readouterr().err.count("clumsy-logger:clumsy failed") == 1


def test_ctrl_c_in_a_hook_is_ctrl_c(install):
    install(clumsy=Clumsy(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        Listeners(print).tell("efgan_step_logged", run=None, record={})


class Stopping:
    """Ends the training at its second step."""

    def __init__(self, error):
        self.error = error

    @hookimpl
    def efgan_step_ended(self, step):
        if step == 2:
            raise self.error


def test_a_plugin_hears_that_a_training_was_interrupted(install, tiny, tmp_path):
    diary = Diary()
    install(stopping=Stopping(KeyboardInterrupt()), diary=diary)
    with pytest.raises(KeyboardInterrupt):
        train(tiny("train.steps=3"), run=tmp_path / "run", quiet=True)
    assert diary.heard[-1] == ("stopped", 2, "interrupted")


def test_a_plugin_hears_why_a_training_failed(install, tiny, tmp_path, monkeypatch):
    diary = Diary()
    install(diary=diary)

    def full(*_):
        raise fail("sheet", "the disk is full")

    monkeypatch.setattr("efgan_kit.training.stepping.draw_samples", full)
    with pytest.raises(EfganError):
        train(tiny("train.steps=1"), run=tmp_path / "run", quiet=True)
    assert diary.heard[-1] == ("stopped", 1, "sheet: the disk is full")

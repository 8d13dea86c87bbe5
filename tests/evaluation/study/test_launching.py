"""Choosing a launcher: its options are checked as a recipe's keys are, and strangers may offer one."""

import importlib
import sys

import pytest

from efgan_kit.components.launchers.local import Local
from efgan_kit.errors import EfganError
from efgan_kit.evaluation.study import cells, conduct, make_launcher, make_plan, read_study, run
from efgan_kit.evaluation.study.keeping import keep
from efgan_kit.evaluation.study.run import train_cells

pytestmark = pytest.mark.usefixtures("unbuilt")

STRANGER = '''
import subprocess
from pathlib import Path
from typing import Literal

from efgan_kit.api import fail


class Job:
    def __init__(self, process, evicts):
        self.process, self.evicts = process, evicts

    def poll(self):
        return self.process.poll()

    def reason(self):
        return "the owl took it" if self.evicts else ""

    def stop(self):
        self.process.terminate()

    def kill(self):
        self.process.kill()


class Owl:
    """Runs trainings by owl post.

    Args:
        barn: Where the owls live.
        owls: How many of them.
        mood: Theirs.
        away: Whether they have flown.
    """

    def __init__(
        self, jobs, *, barn: str | None = None, owls: int = 1, mood: Literal["kind", "wild"] = "kind",
        away: bool = False,
    ):
        if owls < jobs:
            raise ValueError(f"owls is {owls}: {jobs} jobs need an owl each")
        self.barn, self.mood, self.away = barn, mood, away
        self.named = []

    def prepare(self):
        if self.away:
            raise fail("launcher 'owl'", "no owl is at home", "wait for the evening")

    def start(self, command, *, log, environment, name):
        self.named.append(name)
        with log.open("ab") as output:
            return Job(subprocess.Popen(command, stdout=output, env={**environment, "OMP_NUM_THREADS": "7"}),
                       self.mood == "wild")
'''


@pytest.fixture
def owl(tmp_path, monkeypatch, fresh_registry):
    """A stranger's plugin with a launcher is installed."""
    folder = tmp_path / "owl"
    info = folder / "owl_post-0.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: owl-post\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[efgan_kit]\nowl = owl_post\n")
    hook = "from efgan_kit.api import hookimpl\n@hookimpl\ndef efgan_components(register):\n"
    (folder / "owl_post.py").write_text(f"{hook}    register('launcher', 'owl', 'owl_launcher:Owl', 'Owl post')\n")
    (folder / "owl_launcher.py").write_text(STRANGER)
    monkeypatch.syspath_prepend(str(folder))
    for module in ("owl_post", "owl_launcher"):
        monkeypatch.delitem(sys.modules, module, raising=False)


@pytest.fixture
def plan(study_file, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "PAUSE", 0.02)
    plan = make_plan(read_study(study_file()), tmp_path / "DIR")
    keep(plan.study, plan.recipes, plan.folder)
    return plan


def test_this_machine_is_the_launcher_that_nobody_named():
    assert isinstance(make_launcher(), Local)


def test_a_strangers_launcher_trains_the_cells(owl, plan, stand_in, noted):
    stand_in()
    launcher = make_launcher("owl", ["owls=2", "barn=007", "mood=wild"], jobs=2)
    assert (launcher.barn, launcher.mood) == ("007", "wild"), "text stays text"
    assert train_cells(plan, jobs=2, launcher=launcher) == {}
    assert launcher.named == [f"small/{cell.name}" for cell in plan.cells]
    assert {threads for _, _, threads in noted(plan)} == {"7"}


def test_trainings_find_our_settings_wherever_they_run(owl, plan, stand_in, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", "/where/we/keep/it")
    monkeypatch.setenv("PYTHONPATH", "/our/packages")
    monkeypatch.setenv("OURS_ALONE", "1")
    stand_in("assert os.environ['EFGAN_CACHE_DIR'] == '/where/we/keep/it'\n"
             "assert os.environ['PYTHONPATH'] == '/our/packages'\n"
             "assert 'OURS_ALONE' not in os.environ\nfinish()")  # fmt: skip
    assert train_cells(plan, launcher=make_launcher("owl")) == {}


def test_why_the_engine_ended_a_job_stands_before_its_last_words(owl, plan, stand_in):
    stand_in("print('step 3')\nsys.exit(9)")
    failed = train_cells(plan, launcher=make_launcher("owl", ["mood=wild"]))
    assert set(failed.values()) == {"the owl took it: step 3"}


def test_an_engine_that_is_not_there_is_told_before_anything_is_written(owl, study_file, tmp_path):
    plan = make_plan(read_study(study_file()), tmp_path / "NEW")
    with pytest.raises(EfganError, match="no owl is at home; wait for the evening"):
        conduct(plan, launcher=make_launcher("owl", ["away=true"]))
    assert not plan.folder.exists()


def test_what_is_finished_needs_no_engine(owl, plan, finish, monkeypatch):
    conducting = importlib.import_module("efgan_kit.evaluation.study.conduct")
    for cell in plan.cells:
        finish(plan, cell)
    monkeypatch.setattr(conducting, "measure_cells", lambda *_, **__: ([], {}))
    report, failed = conduct(plan, launcher=make_launcher("owl", ["away=true"]))
    assert (report.measured, failed) == ([], {})


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("locl", [], "--launcher: no launcher is called 'locl'; did you mean 'local'?"),
        ("wgan-gp", [], "there is a loss of that name, but a launcher is wanted here"),
        ("owl", ["bran=x"], "--launcher-option bran=x: launcher.bran: 'owl' (owl-post 0.1) has no parameter 'bran'; "
                            "did you mean 'barn'?"),
        ("owl", ["owls=many"], "--launcher-option owls=many: launcher.owls: expected a whole number, not 'many'"),
        ("owl", ["mood=grim"], "expected one of 'kind', 'wild', not 'grim'"),
        ("owl", ["jobs=3"], "has no parameter 'jobs'; the program supplies it"),
        ("owl", ["owls"], "--launcher-option owls: is not of the form KEY=VALUE; for example cpus=4"),
        ("owl", ["owls=1", "owls=2"], "'owls' is given twice"),
        ("owl", ["use=local"], "an option can't choose the component"),
        ("owl", ["owls=0"], "--launcher: the launcher 'owl' cannot be made: owls is 0: 1 jobs need an owl each"),
        ("local", ["cpus=3"], "'local' (efgan-kit 0.1.0) has no parameter 'cpus'; it has none"),
    ],
)  # fmt: skip
def test_faults_of_name_and_options_are_told_with_the_way_out(owl, name, options, message):
    with pytest.raises(EfganError) as caught:
        make_launcher(name, options)
    assert message in str(caught.value)


def test_all_faults_of_options_are_told_at_once(owl):
    with pytest.raises(EfganError) as caught:
        make_launcher("owl", ["bran=x", "owls=many"])
    assert len(caught.value.faults) == 2


def test_this_machine_leaves_alone_what_another_launcher_was_given(plan, stand_in):
    stand_in()
    theirs = plan.cells[0].log.with_suffix(".job")
    theirs.write_text("{}")
    failed = train_cells(plan)
    assert list(failed) == [plan.cells[0]]
    assert f"{theirs}: another launcher was given this training; use that launcher, or remove" in failed[plan.cells[0]]
    assert cells.start(plan, plan.cells[1], make_launcher(), device="cpu").job.process.wait() == 0

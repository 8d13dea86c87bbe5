"""Trainings of a study: none twice, donors first, failures alone, all of them ended with us."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from efgan_kit.evaluation.study import Arm, Study, cells, make_launcher, make_plan, read_study, run
from efgan_kit.evaluation.study.keeping import keep
from efgan_kit.evaluation.study.run import train_cells

pytestmark = pytest.mark.usefixtures("unbuilt")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(run, "PAUSE", 0.02)


@pytest.fixture
def plan(study_file, tmp_path):
    plan = make_plan(read_study(study_file()), tmp_path / "DIR")
    keep(plan.study, plan.recipes, plan.folder)
    return plan


@pytest.fixture
def chained(study_file, tmp_path):
    """An arm that starts from another's runs."""
    study_file()
    recipe = str(tmp_path / "tiny.yaml")
    arms = {"later": Arm("later", recipe, (), "first"), "first": Arm("first", recipe)}
    plan = make_plan(Study("chained", "", (0, 1), arms), tmp_path / "DIR")
    keep(plan.study, plan.recipes, plan.folder)
    return plan


def test_every_cell_is_trained_once_and_never_again(plan, stand_in, noted):
    stand_in()
    heard = []
    assert train_cells(plan, tell=heard.append) == {}
    assert plan.unfinished() == []
    assert [what for what, _, _ in noted(plan)] == ["started", "ended"] * 4
    assert [news.kind for news in heard if news.kind != "step"] == ["started", "finished"] * 4
    assert train_cells(plan) == {}
    assert len(noted(plan)) == 8


def test_jobs_run_side_by_side_and_share_the_threads(plan, stand_in, noted, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "6")
    stand_in("time.sleep(1)\nfinish()")
    train_cells(plan, jobs=2)
    notes = noted(plan)
    assert [what for what, _, _ in notes[:2]] == ["started", "started"]
    assert {threads for _, _, threads in notes} == {"3"}


def test_a_donor_is_finished_before_the_run_that_starts_from_it(chained, stand_in, noted):
    stand_in()
    train_cells(chained, jobs=4)
    order = [(what, name) for what, name, _ in noted(chained)]
    for seed in (0, 1):
        assert order.index(("ended", f"first/seed-{seed}")) < order.index(("started", f"later/seed-{seed}"))


def test_the_command_of_a_cell_names_seed_donor_and_whether_it_goes_on(chained, finish):
    donor, cell = chained.cells[:2]
    words = cells.command_for(chained, cell, "cpu")
    assert words[:4] == [sys.executable, "-m", "efgan_kit", "train"]
    assert words[4] == str(chained.folder / "later" / "arm.yaml")
    assert f"graph.start_from='{donor.run.path.resolve()}'" in words
    assert "train.seed=0" in words
    assert "--no-evaluate" in words
    assert "--resume" not in words
    assert "--resume-if-begun" in words, "a cluster may run it again"
    finish(chained, cell)
    assert "--resume" in cells.command_for(chained, cell, "cpu")


def test_a_failure_is_told_and_stops_nobody_but_those_that_start_from_it(chained, stand_in):
    stand_in("if name == 'first/seed-0':\n    print('error: no such luck')\n    sys.exit(2)\nfinish()")
    failed = train_cells(chained)
    assert {cell.name: why for cell, why in failed.items()} == {
        "first/seed-0": "exit code 2: error: no such luck",
        "later/seed-0": "it starts from first/seed-0, which failed",
    }
    assert [cell.name for cell in chained.unfinished()] == ["first/seed-0", "later/seed-0"]
    stand_in()
    assert train_cells(chained) == {}
    assert chained.unfinished() == []


def test_an_exit_without_a_summary_is_a_failure(plan, stand_in):
    stand_in("pass")
    assert set(train_cells(plan).values()) == {"exit code 0: it said nothing"}


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_trainings_which_save_themselves_first(plan, stand_in, kind):
    stand_in(
        "signal.signal(signal.SIGTERM, lambda *_: ((run / 'saved').write_text(''), sys.exit(130)))\n"
        "(run / 'ready').write_text('')\ntime.sleep(60)"
    )
    ready = [cell.run.path / "ready" for cell in plan.cells[:2]]

    def send():
        while not all(path.exists() for path in ready):
            time.sleep(0.02)
        os.kill(os.getpid(), kind)

    sender = threading.Thread(target=send)
    sender.start()
    with pytest.raises(KeyboardInterrupt):
        train_cells(plan, jobs=2)
    sender.join()
    assert [(cell.run.path / "saved").exists() for cell in plan.cells] == [True, True, False, False]
    assert [cell.state() for cell in plan.cells] == ["begun", "begun", "to do", "to do"]


def test_a_training_that_outlived_its_study_is_waited_for_not_doubled(plan, stand_in, noted):
    """As after SIGKILL: the training goes on, holding its log, and the next study comes."""
    stand_in("time.sleep(1.5)\nfinish()")
    orphan = cells.start(plan, plan.cells[0], make_launcher(), device="cpu")
    assert cells.start(plan, plan.cells[0], make_launcher(), device="cpu") is None
    heard = []
    assert train_cells(plan, jobs=1, tell=heard.append) == {}
    assert orphan.job.process.wait() == 0
    assert [news.cell for news in heard if news.kind == "elsewhere"] == [plan.cells[0]]
    names = [name for what, name, _ in noted(plan) if what in ("started", "resumed")]
    assert sorted(names) == sorted(cell.name for cell in plan.cells)


def test_a_training_that_was_killed_goes_on(plan, stand_in, noted):
    stand_in("time.sleep(60)")
    training = cells.start(plan, plan.cells[0], make_launcher(), device="cpu")
    while not noted(plan):
        time.sleep(0.02)
    training.job.kill()
    stand_in()
    train_cells(plan)
    assert [(what, name) for what, name, _ in noted(plan)][:3] == [
        ("started", "whole/seed-0"), ("resumed", "whole/seed-0"), ("ended", "whole/seed-0"),
    ]  # fmt: skip


def test_progress_is_the_last_whole_line_of_the_log(plan):
    cell = plan.cells[0]
    assert cells.step_of(cell) == 0
    cell.run.path.mkdir(parents=True)
    cell.run.log.write_text('{"step": 1}\n{"step": 2}\n{"ste')
    assert cells.step_of(cell) == 2


def test_a_failure_to_start_is_a_failure_of_the_cell(plan, monkeypatch):
    def no_room(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(subprocess, "Popen", no_room)
    assert all("No space left" in why for why in train_cells(plan).values())

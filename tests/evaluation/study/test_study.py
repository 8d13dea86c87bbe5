"""A study from beginning to end: real trainings in processes of their own, killed once, and the report."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from efgan_kit.evaluation.study import conduct, make_plan, read, read_study
from efgan_kit.evaluation.study import measure as measuring
from efgan_kit.evaluation.study.arms import recipe_of
from efgan_kit.training import train

from .conftest import STUDY, TINY

pytestmark = pytest.mark.usefixtures("quick_judge", "unbuilt")
ROOT = Path(__file__).parents[3]


def train_here(plan):
    """Train the cells in this process, which is quicker and must come to the same."""
    for cell in plan.cells:
        if not cell.begun():
            train(recipe_of(plan.study.arms[cell.arm], cell.seed), run=cell.run.path, device="cpu", quiet=True)


def begun(study, folder):
    """The study laid out in a folder where nothing is trained yet."""
    plan = make_plan(read_study(study), folder)
    conduct(plan, train=False)
    return plan


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of the small study's four runs."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "tiny.yaml").write_text(TINY.read_text())
    (folder / "small.yaml").write_text(STUDY)
    torch.set_num_threads(1)  # as the trainings of the other processes: sums are the same to the bit
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read, "inspect_graph", lambda recipe: None)
        plan = make_plan(read_study(folder / "small.yaml"), folder / "DIR")
    train_here(plan)
    return plan.folder


@pytest.fixture
def finished(study_file, tmp_path, trained):
    """The small study, trained and reported."""
    plan = begun(study_file(), tmp_path / "DIR")
    shutil.copytree(trained, plan.folder, dirs_exist_ok=True)
    return plan, conduct(plan, train=False)[0]


def test_a_study_that_was_killed_goes_on_to_the_same_report(study_file, tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")  # which two jobs share: one each, as here
    study, folder = study_file(), tmp_path / "killed"
    command = [sys.executable, "-m", "efgan_kit", "study", str(study), "--run", str(folder), "--jobs", "2"]
    path = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=path, cwd=tmp_path)
        try:
            while not list(folder.glob("*/seed-*/summary.json")) and process.poll() is None:
                time.sleep(0.05)
        finally:
            process.kill()
    assert process.wait() == -signal.SIGKILL, (tmp_path / "output").read_text()
    done = {file: file.stat().st_mtime_ns for file in folder.glob("*/seed-*/summary.json")}
    assert 1 <= len(done) < 4
    assert not (folder / "report.md").exists()

    subprocess.run(command, env=path, cwd=tmp_path, check=True, capture_output=True)
    assert {file: file.stat().st_mtime_ns for file in done} == done
    for file in done:
        log = file.parent.with_name(f"{file.parent.name}.log").read_text()
        assert log.count("training 'tiny' into") == 1

    # Sums of a process that has run other tests may differ in their last bit: the whole one is a fresh process's, too.
    whole = tmp_path / "whole"
    again = [str(whole) if word == str(folder) else word for word in command]
    subprocess.run(again, env=path, cwd=tmp_path, check=True, capture_output=True)
    for form in ("md", "csv", "json", "tex"):
        name = f"report.{form}"
        assert (folder / name).read_text() == (whole / name).read_text(), name


def test_the_report_says_what_the_runs_evaluations_say(finished):
    plan, report = finished
    psnr = {}
    for cell in plan.cells:
        document = json.loads((cell.run.path / "evaluation.json").read_text())
        psnr[cell.arm, cell.seed] = document["by_gap"]["large"]["picture-error"]["face.psnr.edit"]
    differences = {seed: psnr["whole", seed] - psnr["no-content", seed] for seed in (0, 1)}
    result = report.results[0]
    assert result.found.differences == differences
    assert result.found.mean == pytest.approx(sum(differences.values()) / 2)
    document = json.loads((plan.folder / "report.json").read_text())
    assert document["comparisons"][0]["differences"] == {str(seed): d for seed, d in differences.items()}
    assert "supported if the interval" in document["rule"]


def test_the_csv_holds_every_number_to_the_bit(finished):
    plan, report = finished
    with (plan.folder / "report.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    cells = {
        (row["arm"], int(row["seed"])): float(row["value"])
        for row in rows
        if (row["row"], row["where"], row["figure"]) == ("cell", "all", "ssim")
    }
    assert cells == {(m.cell.arm, m.cell.seed): m.value("ssim") for m in report.measured}
    (row,) = [r for r in rows if (r["row"], r["figure"]) == ("comparison", "psnr")]
    assert (float(row["low"]), float(row["high"])) == report.results[0].found.interval


def test_markdown_and_latex_name_arms_claims_and_rule(finished):
    plan, _ = finished
    markdown = (plan.folder / "report.md").read_text()
    for word in ("# small", "| no-op ", "| whole ", "1. it helps", "1: whole less no-content", "losses.content=null",
                 "can't tell", "95 % t-interval"):  # fmt: skip
        assert word in markdown, word
    latex = (plan.folder / "report.tex").read_text()
    assert latex.count(r"\begin{tabular}") == 4
    assert str(plan.folder.parent) not in markdown + latex


def test_evaluations_are_made_once_and_again_only_when_something_changed(finished, monkeypatch):
    plan, before = finished
    made = []
    evaluate = measuring.evaluate
    monkeypatch.setattr(measuring, "evaluate", lambda run, **rest: made.append(run) or evaluate(run, **rest))
    assert conduct(plan, train=False)[0] == before
    assert made == []
    first, second, third = plan.cells[:3]
    evaluate(first.run.path, device="cpu", limit=2)
    (second.run.path / "evaluation.json").write_text("{")
    document = json.loads((third.run.path / "evaluation.json").read_text())
    (third.run.path / "evaluation.json").write_text(json.dumps({**document, "step": 1}))
    assert conduct(plan, train=False)[0] == before
    assert made == [first.run.path, second.run.path, third.run.path]


def test_cells_read_by_judges_of_other_weights_are_read_again(finished):
    plan, before = finished
    path = plan.cells[2].run.path / "evaluation.json"
    document = json.loads(path.read_text())
    document["judge"]["weights_hash"] = "0" * 12
    path.write_text(json.dumps(document))
    assert conduct(plan, train=False)[0] == before


def test_what_is_missing_is_named_and_the_rest_reported(study_file, tmp_path, trained):
    plan = begun(study_file(), tmp_path / "DIR")
    for arm in plan.study.arms:
        shutil.copytree(trained / arm / "seed-0", plan.folder / arm / "seed-0")
    report, failed = conduct(plan, train=False)
    assert failed == {}
    assert report.missing == dict.fromkeys(("whole/seed-1", "no-content/seed-1"), "to do, not measured")
    assert {result.verdict for result in report.results} == {"can't tell"}, "one seed is never enough"
    assert "whole/seed-1: to do" in (plan.folder / "report.md").read_text()


def test_arms_on_other_test_faces_are_not_compared(study_file, tmp_path):
    study = study_file(("losses.content=null", "data.test.people=3"))
    plan = begun(study, tmp_path / "DIR")
    train_here(plan)
    report, _ = conduct(plan, train=False)
    assert {result.why for result in report.results} == {"their test faces differ"}
    assert {result.verdict for result in report.results} == {"can't tell"}
    assert "Arms can't be compared as one: their test faces differ." in (plan.folder / "report.md").read_text()


def test_arms_with_other_judges_are_compared_in_what_no_judge_reads(study_file, tmp_path):
    study = study_file(("losses.content=null", "data.train.people=4"))
    plan = begun(study, tmp_path / "DIR")
    train_here(plan)
    report, _ = conduct(plan, train=False)
    assert {result.figure: result.why for result in report.results} == {"psnr": "", "au_error": "their judges differ"}

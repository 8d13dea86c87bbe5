"""A small study of the tiny recipe, and folders as its trainings would leave them."""

import json
from pathlib import Path

import pytest

TINY = Path(__file__).parents[2] / "training" / "recipes" / "tiny.yaml"

STUDY = """\
study: 1
name: small
about: whether the content term helps
seeds: [0, 1]
arms:
  whole: {recipe: tiny.yaml, overrides: [train.steps=2]}
  no-content:
    recipe: tiny.yaml
    overrides: [train.steps=2, losses.content=null]
comparisons:
  - {arm: whole, against: no-content, claim: it helps, figures: [psnr, au_error], where: large}
"""


@pytest.fixture
def unbuilt(monkeypatch):
    """The graphs of arms are not built, which takes a second each."""
    from efgan_kit.evaluation.study import read

    monkeypatch.setattr(read, "inspect_graph", lambda recipe: None)


@pytest.fixture
def study_file(tmp_path):
    """Writes a study beside the tiny recipe, with text of it exchanged: `study_file(("psnr", "snr"))`."""
    (tmp_path / "tiny.yaml").write_text(TINY.read_text())

    def write(*exchanged):
        text = STUDY
        for before, after in exchanged:
            assert before in text
            text = text.replace(before, after)
        path = tmp_path / "small.yaml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def finish():
    """Leaves in a cell's folder what a finished training leaves, as far as a study looks at it."""

    def finish(plan, cell):
        cell.run.begin(plan.recipes[cell.arm].to_yaml(), {})
        cell.run.append_log({"step": cell.steps})
        cell.run.write_summary({"steps": cell.steps})

    return finish


@pytest.fixture
def stand_in(monkeypatch):
    """Trainings are small scripts that note when they ran: `stand_in("print('hello')")`; they are given the run."""
    import sys

    from efgan_kit.evaluation.study import cells

    begin = """
import json, os, pathlib, signal, sys, time
run, steps, recipe, resumed = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4] == "True"
name = "/".join(run.parts[-2:])
def note(what):
    with (run.parent.parent / "notes").open("a") as file:
        file.write(json.dumps([what, name, os.environ["OMP_NUM_THREADS"]]) + "\\n")
def finish():
    (run / "summary.json").write_text(json.dumps({"steps": steps}))
run.mkdir(parents=True, exist_ok=True)
(run / "recipe.yaml").write_text(pathlib.Path(recipe).read_text())
note("resumed" if resumed else "started")
"""

    def stand_in(script="finish()"):
        def command_for(plan, cell, device):
            given = (cell.run.path, cell.steps, plan.recipe_file(cell.arm), cell.begun())
            return [sys.executable, "-c", begin + script + '\nnote("ended")', *map(str, given)]

        monkeypatch.setattr(cells, "command_for", command_for)

    return stand_in


@pytest.fixture
def noted():
    """What the stand-ins of a plan noted: (what, cell, threads)."""

    def noted(plan):
        file = plan.folder / "notes"
        return [tuple(json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []

    return noted

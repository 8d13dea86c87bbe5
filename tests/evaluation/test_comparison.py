"""Runs side by side: differences are paired, and what can't be compared is refused."""

import csv
import io
import json
import shutil

import attrs
import pytest
import torch
from PIL import Image
from torch import nn

from efgan_kit.api import Edited
from efgan_kit.errors import EfganError
from efgan_kit.evaluation import comparison, evaluate
from efgan_kit.evaluation.comparison import compare
from efgan_kit.evaluation.comparison_report import as_csv, as_json, as_latex, as_markdown, table, write_comparison
from efgan_kit.evaluation.figures import figure

pytestmark = pytest.mark.usefixtures("quick_judge")


@pytest.fixture
def runs(tiny_run, tmp_path):
    """Makes a copy of the tiny run, with text of its recipe exchanged: `runs("a", ("people: 4", "people: 5"))`."""

    def runs(name, *exchanged):
        run = tmp_path / "runs" / name
        shutil.copytree(tiny_run, run)
        text = (run / "recipe.yaml").read_text()
        for before, after in exchanged:
            assert text.count(before) == 1, text
            text = text.replace(before, after)
        (run / "recipe.yaml").write_text(text)
        return run

    return runs


class Brighter(nn.Module):
    """Hands the source back, brighter by a little."""

    def __init__(self, by):
        super().__init__()
        self.by = by

    def edit(self, source, landmarks, source_aus, target_aus):
        image = (source + self.by).clamp(-1, 1)
        return Edited(image, image, torch.zeros_like(source[:, :1]), (image,))


@pytest.fixture
def graphs(monkeypatch):
    """Gives runs, by their folders' names, graphs of our own."""

    def graphs(**by_name):
        load = comparison.load_to_edit

        def loaded(run, device):
            trained = load(run, device)
            return attrs.evolve(trained, graph=by_name.get(trained.path.name, trained.graph))

        monkeypatch.setattr(comparison, "load_to_edit", loaded)

    return graphs


def test_differences_are_those_of_the_runs_own_figures(runs, graphs):
    a, b = runs("a"), runs("b")
    graphs(b=Brighter(0.1))
    compared = compare([a, b], device="cpu")
    assert [run.label for run in compared.runs] == ["a", "b"]
    first, other = (run.examined.evaluation for run in compared.runs)
    assert first.figures["picture-error"] == pytest.approx(
        evaluate(a, device="cpu", write=False).figures["picture-error"]
    )
    for name, (value, low, high) in compared.differences["b"]["all"]["picture-error"].items():
        assert value == pytest.approx(other.figures["picture-error"][name] - first.figures["picture-error"][name])
        assert low <= value <= high
    for part in ("small", "large"):
        value, *_ = compared.differences["b"][part]["au-error"]["edit"]
        assert value == pytest.approx(other.by_gap[part]["au-error"]["edit"] - first.by_gap[part]["au-error"]["edit"])
    assert compared.differences["b"]["all"]["frechet"]["edit"][1:] == (None, None)


def test_the_same_people_are_drawn_for_both_runs(runs, graphs):
    """The no-op is the same in both runs and differs from person to person: unpaired, its difference would too."""
    graphs(b=Brighter(0.1))
    compared = compare([runs("a"), runs("b")], device="cpu")
    assert compared.differences["b"]["all"]["picture-error"]["face.psnr.no_op"] == (0, 0, 0)
    assert compared.runs[0].examined.evaluation.intervals["picture-error"]["face.psnr.no_op"][0] != 0
    value, low, high = compared.differences["b"]["all"]["picture-error"]["face.l1.edit"]
    assert low < value < high


def test_a_run_and_its_copy_do_not_differ(runs):
    compared = compare([runs("a"), runs("b")], device="cpu")
    for metrics in compared.differences["b"].values():
        for figures in metrics.values():
            assert {bound for found in figures.values() for bound in found if bound == bound} <= {0, None}


def test_one_table_holds_the_copy_each_run_and_each_difference(runs, graphs):
    graphs(b=Brighter(0.1), c=Brighter(0.0))
    compared = compare([runs("a"), runs("b"), runs("c")], device="cpu")
    shown = table(compared)
    assert [row[:2] for row in shown.rows[:6]] == [
        [name, "all"] for name in ("no-op", "a", "b", "c", "b less a", "c less a")
    ]  # fmt: skip
    assert [row[1] for row in shown.rows] == [part for part in ("all", "small", "large") for _ in range(6)]
    psnr = shown.columns.index("PSNR (dB)")
    assert shown.rows[3][psnr] == shown.rows[0][psnr], "a graph that copies scores as the no-op"
    notes = " ".join(shown.notes)
    judge = compared.runs[0].examined.evaluation.judge
    extractor = compared.runs[0].examined.evaluation.extractors["frechet"]
    for word in (judge.name, judge.weights_hash, extractor.name, extractor.weights_hash, "over people"):
        assert word in notes


def test_every_form_says_the_same_numbers(runs, graphs):
    graphs(b=Brighter(0.1))
    compared = compare([runs("a"), runs("b_b")], device="cpu")
    document = json.loads(as_json(compared))
    rows = {
        (row["run"], row["against"], row["pairs"], row["figure"]): row
        for row in csv.DictReader(io.StringIO(as_csv(compared)))
    }
    about = figure("psnr")
    for label, evaluation in document["runs"].items():
        row = rows[label, "", "all", "psnr"]
        assert float(row["value"]) == evaluation["figures"][about.metric][about.name]
        assert [float(row["low"]), float(row["high"])] == evaluation["intervals"][about.metric][about.name]
    found = document["differences"]["b_b"]["large"][about.metric][about.name]
    row = rows["b_b", "a", "large", "psnr"]
    assert {key: float(row[key]) for key in ("value", "low", "high")} == found
    assert float(rows["no-op", "", "all", "psnr"]["value"]) == document["runs"]["a"]["main"]["psnr_no_op"]
    psnr = f"{document['runs']['a']['main']['psnr']:.2f}"
    assert psnr in as_markdown(compared)
    assert psnr in as_latex(compared)
    assert r"b\_b less a" in as_latex(compared)


def test_files_are_written_and_runs_left_alone(runs, tmp_path):
    a, b = runs("a"), runs("b")
    files = write_comparison(compare([a, b], device="cpu"), tmp_path / "deep" / "out")
    assert sorted(file.name for file in files) == [f"comparison.{form}" for form in ("csv", "json", "md", "png", "tex")]
    with Image.open(tmp_path / "deep" / "out" / "comparison.png") as sheet:
        assert sheet.width == 4 * 132 + 4, "source, two runs, truth"
    assert not (a / "evaluation.json").exists()


def test_other_test_faces_are_refused_and_data_is_the_way_out(runs, drawn_photos):
    a, b = runs("a"), runs("b", ("    people: 4", "    people: 5"))
    with pytest.raises(EfganError, match=r"b: its test faces \(hash \w+\) are not those of .*a .*--data PHOTO_FOLDER"):
        compare([a, b], device="cpu")
    compared = compare([a, b], data=drawn_photos, device="cpu")
    assert compared.runs[0].examined.evaluation.pairs == 9


def test_other_judges_are_refused_and_one_judge_is_the_way_out(runs):
    a, b = runs("a"), runs("b", ("    people: 6", "    people: 7"))
    with pytest.raises(EfganError, match=r"b: its judge \(\w+\) is not that of .*a \(\w+\); .*--judge .*a"):
        compare([a, b], device="cpu")
    compared = compare([a, b], judge=a, device="cpu")
    names = {run.examined.evaluation.judge.name for run in compared.runs}
    assert names == {evaluate(a, device="cpu", write=False).judge.name}


def test_all_faults_of_runs_are_told_at_once(runs, tmp_path):
    a = runs("a")
    with pytest.raises(EfganError) as caught:
        compare([a, tmp_path / "nowhere", tmp_path, a], device="cpu")
    assert len(caught.value.faults) == 3
    assert caught.value.faults[0].what == "no such folder"
    assert "not the folder of a run" in caught.value.faults[1].what
    assert "given twice" in caught.value.faults[2].what

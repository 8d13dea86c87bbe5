"""`efgan evaluate`: tables for people, one document for scripts."""

import json
import os
import shutil

import pytest

pytestmark = pytest.mark.usefixtures("quick_judge")


@pytest.fixture
def run(tiny_run, tmp_path):
    shutil.copytree(tiny_run, tmp_path / "run")
    return tmp_path / "run"


def test_tables_name_every_figure(efgan, run):
    answer = efgan("evaluate", run)
    assert answer.code == 0, answer.err
    for word in ("12 edits of 4 people", "AUs read by judge", "no-op", "share of gap closed", "AU26", "mouth",
                 "closer to the truth than a copy", "attention", "self-edit"):  # fmt: skip
        assert word in answer.out
    assert (run / "evaluation.json").is_file()
    assert (run / "evaluation.png").is_file()


def test_json_is_one_document_and_the_judge_is_kept(efgan, run):
    first = json.loads(efgan("evaluate", run, "--json", "--limit", "5").out)
    second = json.loads(efgan("evaluate", run, "--json", "--limit", "5").out)
    assert (first["judge"]["cached"], second["judge"]["cached"]) == (False, True)
    assert first["figures"] == second["figures"]
    assert first["pairs"] == 5
    assert set(first) == {
        "run", "step", "data", "pairs", "people", "subjects_hash", "judge", "figures", "intervals",
        "gap_threshold", "by_gap", "by_gap_intervals", "extractors", "skipped", "warnings", "main",
    }  # fmt: skip


def test_a_photo_folder_and_pairs_of_it(efgan, run, drawn_photos, tmp_path):
    (tmp_path / "two.csv").write_text(
        "source,truth\nimages/p0000_0.png,images/p0000_1.png\nimages/p0001_0.png,images/p0001_2.png\n"
    )
    answer = efgan("evaluate", run, "--data", drawn_photos, "--pairs", tmp_path / "two.csv", "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["pairs"] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "no such folder"),
        (["{run}", "--data", "nowhere"], "there is no such folder"),
        (["{run}", "--pairs", "no.csv"], "--data"),
        (["{run}", "--data", "{photos}", "--pairs", "no.csv"], "there is no such file"),
        (["{run}", "--limit", "0"], "--limit"),
    ],
)
def test_faults_are_refused_and_nothing_is_written(efgan, run, drawn_photos, arguments, message):
    answer = efgan("evaluate", *(word.format(run=run, photos=drawn_photos) for word in arguments))
    assert answer.code == 2
    assert message in answer.err
    assert "Traceback" not in answer.err
    assert not (run / "evaluation.json").exists()


@pytest.fixture
def pair(run, tmp_path):
    shutil.copytree(run, tmp_path / "twin")
    return run, tmp_path / "twin"


def test_two_runs_are_one_table(efgan, pair, tmp_path):
    answer = efgan("evaluate", *pair, "--out", tmp_path / "out")
    assert answer.code == 0, answer.err
    for word in ("no-op", "twin less run", "12 edits of 4 people", "identity retained", "weights "):
        assert word in answer.out
    assert answer.out.count("PSNR (dB)") == 1
    assert len(list((tmp_path / "out").iterdir())) == 5
    assert not (pair[0] / "evaluation.json").exists()


def test_every_form_is_alone_on_stdout(efgan, pair):
    first = {
        "md": "12 edits of 4 people", "csv": "run,against,pairs,figure", "json": "{", "latex": "% efgan evaluate of",
    }  # fmt: skip
    for form, begin in first.items():
        answer = efgan("evaluate", *pair, "--limit", "3", "--format", form)
        assert answer.code == 0, answer.err
        assert answer.out.startswith(begin.replace("12", "3").replace("4 people", "3 people")), form
    assert json.loads(efgan("evaluate", *pair, "--limit", "3", "--json").out)["against"] == "run"


def test_one_run_in_another_form_is_a_table_of_one(efgan, run):
    answer = efgan("evaluate", run, "--format", "md", "--limit", "3")
    assert answer.code == 0, answer.err
    assert [line.split()[1] for line in answer.out.splitlines() if line.startswith("| ")][:4] == [
        "run", "-----", "no-op", "run",
    ]  # fmt: skip
    assert "less" not in answer.out


@pytest.mark.parametrize("place", ["file/folder", "locked/folder"])
def test_an_unwritable_folder_is_refused_before_anything_is_measured(place, efgan, run, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    (tmp_path / "locked").mkdir()
    access = os.access  # the superuser may write everywhere
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path / "locked" and access(path, mode))
    monkeypatch.setattr("efgan_kit.evaluation.comparison.compare", None)
    answer = efgan("evaluate", run, "--out", tmp_path / place)
    assert answer.code == 2, answer.err
    assert str(tmp_path / place) in answer.err
    assert not answer.out


def test_two_forms_at_once_are_refused(efgan, run):
    answer = efgan("evaluate", run, "--json", "--format", "csv")
    assert answer.code == 2
    assert "give one of them" in answer.err

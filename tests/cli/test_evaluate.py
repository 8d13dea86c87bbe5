"""`efgan evaluate`: tables for people, one document for scripts."""

import json
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

"""`efgan ablate`: as its user meets it, from the plan to the report, and what it refuses."""

import json
import shutil
from pathlib import Path

import pytest

TINY = Path(__file__).parents[1] / "training" / "recipes" / "tiny.yaml"
WHAT = (TINY, "--drop", "content", "--seeds", 2, "--steps", 2)
REPORT = ("report.html", "report.md", "report.csv", "report.json", "report.tex", "faces.png")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of an ablation whose runs are finished and not measured: trained here, which is quicker."""
    import torch

    from efgan_kit.evaluation.ablation.ask import Wishes, ask, with_steps
    from efgan_kit.evaluation.ablation.conduct import prepare_ablation
    from efgan_kit.evaluation.study.arms import recipe_of
    from efgan_kit.training import train

    torch.set_num_threads(1)
    ablation = ask(str(TINY), Wishes(drop=("content",)), seeds=(0, 1), overrides=with_steps(str(TINY), [], 2))
    prepared = prepare_ablation(ablation, tmp_path_factory.mktemp("ablation") / "DIR", device="cpu", timed=False)
    for cell in prepared.plan.cells:
        train(recipe_of(ablation.study.arms[cell.arm], cell.seed), run=cell.run.path, device="cpu", quiet=True)
    return prepared.plan.folder


@pytest.fixture
def folder(trained, tmp_path, quick_judge):
    return Path(shutil.copytree(trained, tmp_path / "DIR"))


def test_finished_runs_are_measured_and_reported(efgan, folder):
    answer = efgan("ablate", *WHAT, "--run", folder, "--not-timed")
    assert answer.code == 0, answer.err
    assert "training" not in answer.err
    assert "content" in answer.out
    assert str(folder / "report.html") in answer.out
    assert all((folder / name).stat().st_size for name in REPORT)


def test_the_same_folder_gives_the_same_bytes_again(efgan, folder):
    efgan("ablate", *WHAT, "--run", folder, "--not-timed")
    first = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert efgan("ablate", "report", folder).code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == first


def test_programs_get_one_document(efgan, folder):
    answer = efgan("ablate", *WHAT, "--run", folder, "--not-timed", "--json", "--figures", "psnr,l1")
    document = json.loads(answer.out)
    assert set(document["effects"]) == {"psnr", "l1"}
    assert set(document["arms"]) == {"baseline", "no-content"}
    assert document == {**json.loads((folder / "report.json").read_text()), "timings": {}, "folder": str(folder)}


def test_status_counts_what_is_done_and_computes_nothing(efgan, folder):
    shutil.rmtree(folder / "no-content" / "seed-1")
    answer = efgan("ablate", "status", folder)
    assert answer.code == 0, answer.err
    assert "1 of 4 runs to do" in answer.out
    states = [cell["state"] for cell in json.loads(efgan("ablate", "status", folder, "--json").out)["cells"]]
    assert sorted(states) == ["finished", "finished", "finished", "to do"]


def test_a_report_of_an_unfinished_ablation_names_what_is_missing(efgan, folder):
    shutil.rmtree(folder / "no-content" / "seed-1")
    answer = efgan("ablate", "report", folder)
    assert answer.code == 0, answer.err
    assert "missing: no-content/seed-1: to do, not measured" in answer.out


def test_a_plan_tries_and_times_the_arms_and_trains_nothing(efgan, tmp_path):
    answer = efgan("ablate", *WHAT, "--run", tmp_path / "DIR", "--plan")
    assert answer.code == 0, answer.err
    for words in ("baseline", "without content", "4 of 4 runs to do", "training takes about", "the same weights"):
        assert words in answer.out
    assert not list((tmp_path / "DIR").rglob("seed-*"))
    kept = json.loads((tmp_path / "DIR" / "timings.json").read_text())
    assert kept["no-content"]["found"]["ratio"][0] > 0


def test_a_plan_for_programs(efgan, tmp_path):
    document = json.loads(efgan("ablate", *WHAT, "--run", tmp_path / "DIR", "--plan", "--json", "--not-timed").out)
    assert (document["runs"], document["left"], document["seconds_left"]) == (4, 4, None)
    flops = {arm: about["flops"] for arm, about in document["arms"].items()}
    assert flops["no-content"] < flops["baseline"]


def test_a_failed_run_is_named_and_the_others_are_reported(efgan, folder, monkeypatch):
    from efgan_kit.evaluation.study import cells

    shutil.rmtree(folder / "no-content" / "seed-1")
    monkeypatch.setattr(cells, "command_for", lambda *_: ["sh", "-c", "echo error: out of luck; exit 1"])
    answer = efgan("ablate", *WHAT, "--run", folder, "--not-timed")
    assert answer.code == 2
    assert "no-content/seed-1" in answer.err
    assert "error: out of luck" in answer.err
    assert (folder / "report.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((TINY,), "nothing is to be ablated"),
        ((TINY, "--drop", "contnt"), "did you mean 'content'?"),
        ((TINY, "--drop", "content", "--seeds", 0), "0 is not in the range"),
        ((TINY, "--drop", "content", "--steps", 0), "0 is not in the range"),
        ((TINY, "--scale", "content"), "TERM=FACTOR"),
        ((TINY, "--swap", "refiner"), "SLOT=COMPONENT"),
        ((TINY, "--swap", "refiner=nobody"), "nobody"),
        ((TINY, "--each", "--smallest", "content"), "--add"),
        ((TINY, "--each", "--figures", "psmr"), "did you mean 'psnr'?"),
        ((TINY, "--each", "--figures", ","), "--figures"),
        ((TINY, "--each", "--of-interest", "psnr"), "FIGURE=DIFFERENCE"),
        ((TINY, "--each", "--of-interest", "psnr=-1"), "above 0"),
        ((TINY, "--each", "-o", "train.seed=3"), "seeds"),
        ((TINY, "--each", "-o", "losses.contnt.weight=3"), "contnt"),
        ((TINY, "--each", "--of-interest", "psnr=inf"), "above 0"),
        ((TINY, "--scale", "content=1"), "nothing is to be ablated"),
        ((TINY, "--drop", "content", "--seeds", 10**12), "is not in the range"),
        ((TINY, "--drop", "content", "-o", "data.test=null"), "data.test"),
        ((TINY, "--each", "--resume"), "no ablation to go on with"),
        (("quikstart", "--each"), "quickstart"),
        (("status",), "DIR"),
        (("report", "nowhere"), "no such folder"),
        (("status", "nowhere"), "no such folder"),
    ],
)
def test_what_can_t_be_done_is_refused_in_a_line_and_nothing_is_written(efgan, arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = efgan("ablate", *arguments)
    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert not list(tmp_path.iterdir())


def test_a_report_of_an_empty_folder_is_refused(efgan, tmp_path):
    answer = efgan("ablate", "report", tmp_path)
    assert answer.code == 2
    assert "not the folder of an ablation" in answer.err


def test_another_recipe_in_the_same_folder_is_refused(efgan, folder):
    before = (folder / "study.yaml").read_bytes()
    answer = efgan("ablate", "quickstart", "--drop", "content", "--run", folder)
    assert answer.code == 2
    assert "the folder of the study 'tiny-ablation', not of 'quickstart-ablation'" in answer.err
    assert (folder / "study.yaml").read_bytes() == before


def test_other_steps_in_the_same_folder_are_refused_with_the_difference(efgan, folder):
    answer = efgan("ablate", *WHAT[:-1], 3, "--run", folder)
    assert answer.code == 2
    assert "train.steps was 2, now 3" in answer.err


def test_a_folder_of_two_ablations_is_refused(efgan, folder):
    text = (folder / "ablation.yaml").read_text().replace("no-content", "no-attention")
    (folder / "ablation.yaml").write_text(text)
    answer = efgan("ablate", "report", folder)
    assert answer.code == 2
    assert "the arm 'no-attention', which the study of this folder does not have" in answer.err


OTHER_VERSION = "ablation: 2\nvariants: {}\nfigures: []\nof_interest: {}\n"


@pytest.mark.parametrize("text", ["", "[]", "ablation: 1\n", "{{{", OTHER_VERSION])
def test_a_damaged_folder_is_refused(efgan, folder, text):
    (folder / "ablation.yaml").write_text(text)
    answer = efgan("ablate", "status", folder)
    assert answer.code == 2
    assert "ablation.yaml" in answer.err


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("ablation.yaml", "kind: drop", "kind: frob"),
        ("ablation.yaml", "psnr: 0.5", "psnr: half"),
        ("study.yaml", "- 0\n- 1\n", " []\n"),
        ("study.yaml", "- 0\n- 1\n", "- a\n- b\n"),
        ("study.yaml", "arms:", "legs:"),
    ],
)
def test_a_file_that_says_something_else_is_refused_by_its_name(efgan, folder, file, before, after):
    text = (folder / file).read_text()
    assert before in text
    (folder / file).write_text(text.replace(before, after))
    answer = efgan("ablate", "report", folder)
    assert answer.code == 2
    assert f"{file}: is damaged" in answer.err


@pytest.mark.parametrize("file", ["trials.json", "timings.json"])
@pytest.mark.parametrize("text", ["", "[]", '{"baseline": {}}', '{"baseline": {"of": {}, "found": {}}}'])
def test_findings_that_can_t_be_read_are_made_again(efgan, folder, file, text):
    (folder / file).write_text(text)
    assert efgan("ablate", "report", folder).code == 0
    assert "draws" in (folder / "trials.json").read_text()


def test_the_command_finds_its_runs_again_when_the_study_s_file_is_lost(efgan, folder):
    (folder / "study.yaml").unlink()
    answer = efgan("ablate", *WHAT, "--run", folder, "--not-timed", "--plan")
    assert answer.code == 0, answer.err
    assert "0 of 4 runs to do" in answer.out


def test_a_damaged_run_is_named_and_the_others_are_reported(efgan, folder):
    shutil.rmtree(folder / "no-content" / "seed-0" / "checkpoints")
    answer = efgan("ablate", "report", folder)
    assert "no-content/seed-0" in answer.err + answer.out
    assert (folder / "report.html").is_file()
    assert (folder / "faces.png").is_file()


def test_more_seeds_and_arms_go_on_in_the_same_folder(efgan, folder):
    more = (TINY, "--drop", "content", "--drop", "attention", "--seeds", 3, "--steps", 2)
    answer = efgan("ablate", *more, "--run", folder, "--plan", "--not-timed")
    assert answer.code == 0, answer.err
    assert "5 of 9 runs to do" in answer.out


@pytest.mark.parametrize("verb", ["status", "report"])
def test_the_verbs_have_help_of_their_own(efgan, verb):
    answer = efgan("ablate", verb, "--help")
    assert answer.code == 0
    assert f"efgan ablate {verb} [OPTIONS] DIR" in answer.out


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ()])
def test_help_is_that_of_ablating_a_recipe(efgan, arguments):
    answer = efgan("ablate", *arguments)
    assert answer.code == 0
    assert "efgan ablate [OPTIONS] RECIPE" in answer.out
    assert "--each" in answer.out

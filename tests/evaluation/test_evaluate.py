"""Evaluating a run: the figures are those of its edits, and a copy is never taken for success."""

import csv
import json
import shutil

import attrs
import pytest
import torch
from PIL import Image
from torch import nn

from efgan_kit.api import Edited, Maker
from efgan_kit.errors import EfganError
from efgan_kit.evaluation import evaluate, examine_run, print_evaluation
from efgan_kit.evaluation.caveats import caveats_about
from efgan_kit.evaluation.measuring import figures_at
from efgan_kit.evaluation.sheet import chosen_rows
from efgan_kit.evaluation.subjects import choose_subjects
from efgan_kit.recipe import load_recipe
from efgan_kit.training import load_trained

pytestmark = pytest.mark.usefixtures("quick_judge")


class Copy(nn.Module):
    """A graph that hands the source back."""

    def edit(self, source, landmarks, source_aus, target_aus):
        return Edited(source, source, torch.zeros_like(source[:, :1]), (source,))


class Oracle(nn.Module):
    """A graph that knows the true pictures."""

    def __init__(self, subjects):
        super().__init__()
        given = subjects.batch(range(len(subjects.pairs)), torch.device("cpu"))
        self.wanted, self.truth = given["target_aus"], given["truth"]

    def edit(self, source, landmarks, source_aus, target_aus):
        distance = torch.cdist(target_aus, self.wanted)
        person = (source[:, None, :, :2, :2] - self.truth[None, :, :, :2, :2]).abs().flatten(2).sum(-1)
        image = self.truth[(distance + person).argmin(dim=1)]
        return Edited(image, image, torch.ones_like(source[:, :1]), (image,))


@pytest.fixture
def trained(tiny_run):
    return load_trained(tiny_run, "cpu")


def test_a_copy_scores_as_a_copy(trained):
    found = evaluate(attrs.evolve(trained, graph=Copy()), write=False)
    aus, pictures = found.figures["au-error"], found.figures["picture-error"]
    assert aus["edit"] == aus["no_op"]
    assert aus["share_of_gap_closed"] in (0.0, pytest.approx(float("nan"), nan_ok=True))
    assert pictures["face.psnr.edit"] == pictures["face.psnr.no_op"]
    assert pictures["mouth.ssim.edit"] == pictures["mouth.ssim.no_op"]
    assert pictures["face.closer_than_copy"] == 0
    assert found.figures["self-edit"]["l1"] == 0
    assert found.figures["cycle-error"] == {"l1": 0, "psnr": 100}
    assert found.figures["attention"]["face.saturated"] == 1
    assert any("copies its input" in warning and "losses.attention.weight" in warning for warning in found.warnings)


def test_the_truth_scores_as_the_truth(trained):
    subjects = choose_subjects(trained.recipe)
    found = evaluate(attrs.evolve(trained, graph=Oracle(subjects)), write=False)
    assert found.figures["au-error"]["edit"] == pytest.approx(found.figures["au-error"]["floor"], abs=1e-6)
    assert found.figures["picture-error"]["face.psnr.edit"] == 100
    assert found.figures["picture-error"]["eyes.l1.edit"] == 0
    assert found.figures["picture-error"]["face.closer_than_copy"] == 1


def test_files_are_written_and_say_the_same(tiny_run, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(tiny_run, run)
    seen = []
    found = evaluate(run, device="cpu", progress=lambda what, done, total: seen.append((what, done, total)))
    document = json.loads((run / "evaluation.json").read_text())
    assert document == json.loads(json.dumps(found.to_plain(), allow_nan=False))
    assert document["main"]["psnr"] == found.figures["picture-error"]["face.psnr.edit"]
    assert (document["pairs"], document["people"]) == (12, 4)
    low, high = document["intervals"]["picture-error"]["face.psnr.edit"]
    assert low <= document["figures"]["picture-error"]["face.psnr.edit"] <= high
    with Image.open(run / "evaluation.png") as sheet:
        assert sheet.width == 5 * 132 + 4
    assert seen[-1] == ("editing the test faces", 12, 12)
    assert ("fitting the judge", 3, 3) in seen


def test_small_and_large_edits_are_also_measured_apart(trained):
    found, measurement, subjects, _ = examine_run(trained, write=False)
    distances = (measurement.values["target_aus"] - measurement.values["source_aus"]).abs().mean(dim=1)
    assert found.gap_threshold == pytest.approx(distances.double().median().item(), abs=0.05)
    small = distances.double() <= found.gap_threshold
    psnr = measurement.values["edited_psnr"]["face"]
    seen = {part: figures["picture-error"]["face.psnr.edit"] for part, figures in found.by_gap.items()}
    assert seen == {
        "small": pytest.approx(psnr[small].mean().item()),
        "large": pytest.approx(psnr[~small].mean().item()),
    }
    low, high = found.by_gap_intervals["large"]["picture-error"]["face.psnr.edit"]
    assert low <= seen["large"] <= high
    assert len(subjects.pairs) == len(psnr)


def test_a_metric_can_be_asked_again_over_some_of_the_pairs(trained):
    found, measurement, _, metrics = examine_run(trained, write=False)
    for name in found.intervals:
        all_pairs = figures_at(torch.arange(found.pairs), metrics[name], measurement.asked[name])
        assert all_pairs == pytest.approx(found.figures[name], nan_ok=True)
    twice = figures_at(torch.tensor([3, 3]), metrics["self-edit"], measurement.asked["self-edit"])
    assert twice["l1"] == pytest.approx(measurement.values["self_edit_l1"][3].item())


def test_evaluations_of_the_same_edits_know_it(trained):
    whole, again = choose_subjects(trained.recipe), choose_subjects(trained.recipe)
    assert len(whole.hash) == 12
    assert whole.hash == again.hash
    folder = str(trained.path / "recipe.yaml")
    others = [
        choose_subjects(trained.recipe, limit=11),
        choose_subjects(load_recipe(folder, ["data.test.seed=1"])),  # other pictures under the same names
        attrs.evolve(whole, pairs=[pair[::-1] for pair in whole.pairs]),
    ]
    assert len({whole.hash, *(other.hash for other in others)}) == 4
    assert evaluate(trained, write=False, limit=11).subjects_hash == others[0].hash


def test_the_report_sets_small_edits_beside_large_ones(trained, capsys):
    found = evaluate(trained, write=False)
    print_evaluation(found)
    (small,) = [line for line in capsys.readouterr().out.splitlines() if "small (up to" in line]
    assert f"{found.gap_threshold:.3f}" in small
    assert f"{found.by_gap['small']['picture-error']['face.psnr.edit']:.2f}" in small


def test_batches_of_any_size_give_the_same_figures(trained, monkeypatch):
    from efgan_kit.evaluation import measuring

    whole = evaluate(trained, write=False).figures
    monkeypatch.setattr(measuring, "BATCH", 5)
    assert evaluate(trained, write=False).figures["picture-error"] == pytest.approx(whole["picture-error"], abs=1e-4)


def test_another_photo_folder_is_used_whole_and_the_training_folder_by_its_test_people(trained, drawn_photos):
    assert len(choose_subjects(trained.recipe, data=drawn_photos).pairs) == 9
    folder = json.dumps(str(drawn_photos))
    overrides = [f"data.{s}={{use: photo-folder, root: {folder}, split: {s}}}" for s in ("train", "test")]
    recipe = load_recipe(str(trained.path / "recipe.yaml"), overrides)
    subjects = choose_subjects(recipe, data=drawn_photos)
    assert set(subjects.people) == {*choose_subjects(recipe).people}
    assert len(set(subjects.people)) < 3


def test_pairs_of_a_file_are_used(trained, drawn_photos, tmp_path):
    pairs = tmp_path / "mine.csv"
    pairs.write_text("source,truth\nimages/p0001_2.png,images/p0001_0.png\n")
    subjects = choose_subjects(trained.recipe, data=drawn_photos, pairs=pairs)
    assert [subjects.names(0)] == [("images/p0001_2.png", "images/p0001_0.png")]


def test_without_pairs_the_truth_is_not_known_and_the_rest_is_reported(trained, drawn_photos, tmp_path):
    folder = tmp_path / "photos"
    shutil.copytree(drawn_photos, folder)
    (folder / "pairs.csv").unlink()
    with (folder / "labels.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    person = rows[0].index("person")
    with (folder / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([cell for i, cell in enumerate(row) if i != person] for row in rows)
    found = evaluate(trained, data=folder, write=False)
    assert set(found.figures) == {
        "au-error", "expression-accuracy", "frechet", "kernel-distance", "attention", "self-edit", "cycle-error",
    }  # fmt: skip
    assert "no pairs" in found.skipped["picture-error"]
    assert "no pairs" in found.skipped["identity"]
    assert found.pairs == 9


def test_pairs_without_a_folder_are_refused(trained):
    with pytest.raises(EfganError, match="--data"):
        choose_subjects(trained.recipe, pairs="pairs.csv")


def test_a_limit_spreads_the_pairs(trained):
    whole = choose_subjects(trained.recipe)
    some = choose_subjects(trained.recipe, limit=3)
    assert list(some.pairs) == [whole.pairs[0], whole.pairs[4], whole.pairs[8]]


def test_training_faces_that_are_gone_leave_the_pictures_to_be_compared(trained, drawn_photos, tmp_path):
    folder = tmp_path / "gone"
    shutil.copytree(drawn_photos, folder)
    root = json.dumps(str(folder))
    recipe = load_recipe(str(trained.path / "recipe.yaml"), [f"data.train={{use: photo-folder, root: {root}}}"])
    shutil.rmtree(folder)
    found = evaluate(attrs.evolve(trained, recipe=recipe), write=False)
    assert found.judge is None
    assert set(found.skipped) == {
        "au-error", "expression-accuracy", "progress", "identity", "frechet", "kernel-distance",
    }  # fmt: skip
    assert "person-net can't be fitted" in found.skipped["identity"]
    assert "psnr" in found.main
    assert "can't be read" in found.warnings[0]


def test_a_metric_that_asks_for_pictures_gets_them_and_no_interval(trained, monkeypatch):
    from efgan_kit.evaluation import evaluation

    class Brightness:
        def __call__(self, edited, source, truth=None):
            assert edited.shape == source.shape == truth.shape == (12, 3, 32, 32)
            return {"mean": edited.mean().item()}

    monkeypatch.setattr(evaluation, "metric_makers", lambda recipe: {"brightness": Maker(Brightness)})
    found = evaluate(trained, write=False)
    assert list(found.figures) == ["brightness"]
    assert found.intervals == {}
    assert found.main == {"brightness.mean": found.figures["brightness"]["mean"]}


def test_a_metric_that_asks_for_what_nobody_has_is_refused(trained, monkeypatch):
    from efgan_kit.evaluation import evaluation

    monkeypatch.setattr(evaluation, "metric_makers", lambda recipe: {"odd": Maker(lambda: lambda editted: {})})
    with pytest.raises(EfganError, match="did you mean 'edited'"):
        evaluate(trained, write=False)


def test_recipes_name_the_built_in_metrics(tiny_run):
    recipe = load_recipe(str(tiny_run / "recipe.yaml"), ["metrics=[self-edit, {use: au-error, changed: 0.3}]"])
    assert [use.use for use in recipe.metrics] == ["self-edit", "au-error"]
    found = evaluate(attrs.evolve(load_trained(tiny_run, "cpu"), recipe=recipe), write=False)
    assert set(found.figures) == {"self-edit", "au-error"}


class Stepwise(nn.Module):
    """A graph that goes half the way, then all of it, from the source to the true picture."""

    def __init__(self, subjects):
        super().__init__()
        self.oracle = Oracle(subjects)

    def edit(self, source, landmarks, source_aus, target_aus):
        there = self.oracle.edit(source, landmarks, source_aus, target_aus).image
        steps, targets = ((source + there) / 2, there), ((source_aus + target_aus) / 2, target_aus)
        return Edited(there, there, torch.ones_like(source[:, :1]), steps, targets)


def test_every_module_of_a_graph_that_edits_in_steps_is_measured(trained, capsys):
    found = evaluate(attrs.evolve(trained, graph=Stepwise(choose_subjects(trained.recipe))), write=False)
    progress, errors = found.figures["progress"], found.figures["au-error"]
    assert progress["2.error"] == pytest.approx(errors["edit"], abs=1e-6)
    assert progress["1.error"] != pytest.approx(progress["2.error"])
    assert 0 <= progress["steady"] <= 1
    assert set(found.intervals["progress"]) >= {"1.error", "steady"}
    print_evaluation(found)
    assert "nearer to the target with every module" in capsys.readouterr().out


def test_one_step_is_no_progress_to_be_reported(trained):
    found = evaluate(trained, write=False)
    assert "progress" not in found.figures
    assert "progress" not in found.skipped


def test_the_edits_identity_lies_between_a_copys_and_a_strangers(trained):
    copied = evaluate(attrs.evolve(trained, graph=Copy()), write=False).figures["identity"]
    assert copied["edit"] == pytest.approx(1.0)
    subjects = choose_subjects(trained.recipe)
    true = evaluate(attrs.evolve(trained, graph=Oracle(subjects)), write=False).figures["identity"]
    assert true["edit"] == pytest.approx(true["same_person"], abs=1e-5)
    assert true["retained"] == pytest.approx(1.0, abs=1e-3)


def test_true_pictures_have_no_frechet_distance(trained):
    found = evaluate(attrs.evolve(trained, graph=Oracle(choose_subjects(trained.recipe))), write=False)
    assert found.figures["frechet"]["edit"] == pytest.approx(0.0, abs=1e-6)
    assert "no_op" not in found.figures["frechet"]  # every picture is a source and a truth


def test_true_pictures_come_down_to_the_floor_of_the_kernel_distance(trained):
    found = evaluate(attrs.evolve(trained, graph=Oracle(choose_subjects(trained.recipe))), write=False)
    kernel = found.figures["kernel-distance"]
    assert kernel["edit"] == pytest.approx(kernel["floor"], abs=1e-6)
    assert found.main["kernel"] == kernel["edit"]
    assert "kernel-distance" not in found.intervals


def test_people_that_an_extractor_cannot_tell_apart_are_warned_of():
    assert caveats_about({"identity": {"same_person": 0.5, "different_people": 0.4}})
    assert not caveats_about({"identity": {"same_person": 0.9, "different_people": 0.1}})


@pytest.mark.parametrize(("floor", "warned"), [(0.05, False), (0.3, True)])
def test_a_judge_that_hardly_tells_truth_from_copy_is_warned_of(floor, warned):
    warnings = caveats_about({"au-error": {"changed.floor": floor, "changed.no_op": 0.4}})
    assert any("can't be trusted" in warning for warning in warnings) == warned


def test_edits_farther_from_the_truth_than_copies_are_warned_of():
    assert caveats_about({"picture-error": {"face.psnr.edit": 20.0, "face.psnr.no_op": 21.0}})
    assert not caveats_about({"picture-error": {"face.psnr.edit": 22.0, "face.psnr.no_op": 21.0}})


def test_the_sheet_shows_best_median_and_worst():
    errors = torch.tensor([0.3, 0.1, 0.2, 0.9, 0.5])
    rows = chosen_rows(5, errors)
    assert rows[:3] == [("best", 1), ("median", 0), ("worst", 3)]
    assert sorted(pair for _, pair in rows) == [0, 1, 2, 3, 4]
    assert chosen_rows(1, torch.tensor([0.3])) == [("best", 0)]
    assert chosen_rows(2, None) == [("", 0), ("", 1)]


def test_a_folder_that_takes_no_file_is_refused_before_anything_is_measured(tiny_run, monkeypatch):
    from efgan_kit.evaluation import evaluation

    monkeypatch.setattr("os.access", lambda path, mode: str(path) != str(tiny_run))
    monkeypatch.setattr(evaluation, "judge_for", lambda *given, **named: pytest.fail("a judge is fitted for nothing"))
    with pytest.raises(EfganError, match="nothing can be written to"):
        evaluate(tiny_run, device="cpu")

"""Studies in their folders: cells in order, what is done is known, and two studies never mix."""

import pytest
import yaml

from efgan_kit.errors import EfganError
from efgan_kit.evaluation.study import Arm, Study, make_plan, read_study
from efgan_kit.evaluation.study.keeping import keep

pytestmark = pytest.mark.usefixtures("unbuilt")


@pytest.fixture
def planned(study_file, tmp_path):
    """The small study laid out and kept in DIR, after changes to its text and with options."""

    def planned(*exchanged, **options):
        plan = make_plan(read_study(study_file(*exchanged), **options), tmp_path / "DIR")
        keep(plan.study, plan.recipes, plan.folder)
        return plan

    return planned


def test_cells_go_seed_by_seed_each_after_the_one_it_starts_from(tmp_path):
    late = Arm("late", "quickstart-cascade", ("train.steps=7",), "early")
    arms = {"late": late, "early": Arm("early", "quickstart", ("train.steps=9",))}
    plan = make_plan(Study("s", "", (4, 2), arms), tmp_path / "DIR")
    assert [cell.name for cell in plan.cells] == ["early/seed-4", "late/seed-4", "early/seed-2", "late/seed-2"]
    assert plan.cells[1].donor == plan.cells[0]
    assert plan.cells[0].donor is None
    assert (plan.cells[0].steps, plan.cells[1].steps) == (9, 7)
    assert not plan.folder.exists()


def test_a_cell_is_finished_when_it_has_taken_the_recipes_steps(planned, finish):
    plan = planned()
    first, second, third, _ = plan.cells
    finish(plan, first)
    finish(plan, second)
    second.run.write_summary({"steps": 1})
    third.run.begin(plan.recipes["whole"].to_yaml(), {})
    assert [cell.state() for cell in plan.cells] == ["finished", "begun", "begun", "to do"]
    assert plan.unfinished() == list(plan.cells[1:])


def test_a_study_is_kept_as_a_study_that_can_be_read(planned):
    plan = planned()
    assert read_study(plan.folder / "study.yaml") == plan.study


def test_a_study_may_grow(planned):
    planned()
    plan = planned(("comparisons:", "  more: {recipe: tiny.yaml}\ncomparisons:"), seeds=(1, 2))
    assert list(plan.recipes) == ["whole", "no-content", "more"]
    assert yaml.safe_load((plan.folder / "study.yaml").read_text())["seeds"] == [0, 1, 2]


@pytest.mark.parametrize(
    ("exchanged", "message"),
    [
        (("name: small", "name: other"), "the folder of the study 'small', not of 'other'"),
        (("[train.steps=2]", "[train.steps=3]"), "arms.whole: train.steps was 2, now 3"),
        (("  no-content:", "  without:"), "arms.no-content: was an arm of the study that began here, and is none now"),
        (("content=null", "content.weight=2"), "arms.no-content: losses.content was None, now {"),
    ],
)
def test_another_study_in_the_folder_is_refused_with_what_differs(planned, exchanged, message):
    planned()
    with pytest.raises(EfganError, match=r"study\.yaml: .*choose another --run") as caught:
        planned(exchanged, *([("against: no-content", "against: without")] if "without" in exchanged[1] else []))
    assert message in str(caught.value)


def test_a_recipe_file_that_was_changed_is_noticed(planned, tmp_path):
    planned()
    recipe = tmp_path / "tiny.yaml"
    recipe.write_text(recipe.read_text().replace("ema: 0.9", "ema: 0.8"))
    study = read_study(tmp_path / "small.yaml")
    with pytest.raises(EfganError, match=r"arms\.whole: train\.ema was 0\.9, now 0\.8"):
        make_plan(study, tmp_path / "DIR")


def test_a_cell_that_was_trained_otherwise_is_refused(planned, finish):
    plan = planned()
    plan.cells[0].run.begin(plan.recipes["no-content"].to_yaml(), {})
    with pytest.raises(
        EfganError, match=r"seed-0: this cell was trained with another recipe: losses\.content was None"
    ):
        planned()


def test_a_folder_of_something_else_is_refused(study_file, tmp_path):
    (tmp_path / "DIR").mkdir()
    (tmp_path / "DIR" / "thesis.tex").write_text("")
    with pytest.raises(EfganError, match="something in this folder already, and no study"):
        make_plan(read_study(study_file()), tmp_path / "DIR")

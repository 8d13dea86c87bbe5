# ruff: noqa: E501
"""Studies are read whole: every fault at once, each at its place, before anything is trained."""

import pytest

from efgan_kit.errors import EfganError
from efgan_kit.evaluation.figures import check_figure
from efgan_kit.evaluation.study import Arm, Comparison, read, read_study, shipped_studies
from efgan_kit.evaluation.study.model import donors_first
from efgan_kit.recipe.inspection import inspect_graph

pytestmark = pytest.mark.usefixtures("unbuilt")


def refused(path, **options):
    with pytest.raises(EfganError) as caught:
        read_study(path, **options)
    return [str(fault).removeprefix(str(path)) for fault in caught.value.faults]


def test_a_sound_study_is_read(study_file, tmp_path):
    study = read_study(study_file())
    assert (study.name, study.about, study.seeds) == ("small", "whether the content term helps", (0, 1))
    recipe = str(tmp_path / "tiny.yaml")
    assert study.arms["whole"] == Arm("whole", recipe, ("train.steps=2",))
    assert study.arms["no-content"].overrides == ("train.steps=2", "losses.content=null")
    assert study.comparisons == (Comparison("whole", "no-content", "it helps", ("psnr", "au_error"), "large"),)


def test_options_change_every_arm_and_the_seeds(study_file):
    study = read_study(study_file(), overrides=["train.steps=1"], seeds=(7,))
    assert [arm.overrides[-1] for arm in study.arms.values()] == ["train.steps=1"] * 2
    assert study.seeds == (7,)


def test_overrides_of_the_study_stand_before_each_arm_s_own(study_file):
    study = read_study(study_file(("seeds: ", "overrides: [train.batch_size=1]\nseeds: ")))
    assert study.arms["whole"].overrides == ("train.batch_size=1", "train.steps=2")


FAULTS = {
    "override of all arms": (("seeds: ", "overrides: [train.batch_size=no]\nseeds: "), ":4:13: overrides, in arms.whole:"
                             " train.batch_size: expected a whole number"),
    "format": (("study: 1", "study: 2"), ":1:8: a study begins with `study: 1`"),
    "key": (("about: ", "abuot: "), ":3:1: 'abuot' is not a key of a study; did you mean 'about'?"),
    "name": (("name: small", "name: ../up"), ":2:7: name: '../up' is not a name"),
    "no seeds": (("[0, 1]", "[]"), ":4:8: seeds: there is none"),
    "seeds missing": (("seeds: [0, 1]\n", ""), ":1:1: seeds: the study has none"),
    "a seed twice": (("[0, 1]", "[0, 1, 0]"), ":4:8: seeds: 0 stands there twice"),
    "a seed below 0": (("[0, 1]", "[0, -1]"), ":4:8: seeds: -1; 0 or more is wanted"),
    "a seed that is none": (("[0, 1]", "[a]"), ":4:9: seeds.0: expected a whole number, not 'a'"),
    "arm's name": (("  whole:", "  who.le:"), ":6:3: arms.who.le: an arm's name has letters"),
    "arm's key": (("{recipe: tiny.yaml,", "{recipe: tiny.yaml, seed: 1,"), ":6:30: arms.whole.seed: there is no such key"),
    "no recipe": (("{recipe: tiny.yaml, ", "{"), ":6:3: arms.whole: needs a value for 'recipe'"),
    "unknown recipe": (("recipe: tiny.yaml, ", "recipe: quickstrat, "), ":6:19: arms.whole.recipe: no recipe is called"
                       " 'quickstrat'; did you mean 'quickstart'?"),
    "unknown file": (("recipe: tiny.yaml, ", "recipe: tyni.yaml, "), "did you mean 'tiny.yaml'?"),
    "abstract recipe": (("recipe: tiny.yaml, ", "recipe: base, "), "'base' is abstract"),
    "override": (("losses.content=null", "losses.kontent=null"), ":9:32: arms.no-content.overrides: there is no loss"
                 " term 'kontent' to remove; did you mean 'content'?"),
    "value of an override": (("[train.steps=2]", "[train.steps=two]"), ":6:42: arms.whole.overrides: train.steps:"
                             " expected a whole number"),
    "override of the seed": (("[train.steps=2]", "[train.seed=3]"), ":6:42: arms.whole.overrides: the study sets the"
                             " seeds of its arms; use `seeds`"),
    "overrides that are no list": (("[train.steps=2]", "train.steps=2"), "arms.whole.overrides: expected a list"),
    "unknown arm": (("against: no-content", "against: no-kontent"), "comparisons.0.against: there is no arm"
                    " 'no-kontent'; did you mean 'no-content'?"),
    "itself": (("against: no-content", "against: whole"), "compares 'whole' with itself"),
    "unknown figure": (("psnr", "pnsr"), ":11:66: comparisons.0.figures: there is no figure 'pnsr'; did you mean 'psnr'?"),
    "unknown place": (("where: large", "where: big"), "expected one of 'all', 'small', 'large'"),
    "comparison's key": (("claim:", "klaim:"), "comparisons.0.klaim: there is no such key; did you mean 'claim'?"),
    "start from nobody": (("{recipe: tiny.yaml,", "{recipe: tiny.yaml, start_from: no,"), ":6:42: arms.whole.start_from:"
                          " there is no arm 'no'; one of: no-content"),
    "start from itself": (("{recipe: tiny.yaml,", "{recipe: tiny.yaml, start_from: whole,"), ":6:42: arms.whole.start_from:"
                          " the arm starts from itself: whole -> whole"),
    "not YAML": (("[0, 1]", "[0, 1"), "not YAML"),
    "arm that is no mapping": (("{recipe: tiny.yaml, overrides: [train.steps=2]}", "tiny.yaml"), "write {recipe: RECIPE}"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_at_its_place(fault, study_file):
    exchanged, message = FAULTS[fault]
    found = refused(study_file(exchanged))
    assert any(message in text for text in found), found


def test_parts_that_do_not_fit_are_found_before_anything_is_trained(study_file, monkeypatch):
    monkeypatch.setattr(read, "inspect_graph", inspect_graph)
    found = refused(study_file(("[train.steps=2]", "['graph.branches=[ears]']")))
    assert len(found) == 1
    assert found[0].startswith(":6:3: arms.whole") or found[0].startswith(":6:19: arms.whole")
    assert "ears" in found[0]


OTHER_WIDTH = (
    "overrides: [train.steps=2, losses.content=null]",
    "start_from: whole\n    overrides: [graph.refiner.width=8]",
)


def test_an_arm_that_cannot_start_from_another_is_found_before_that_is_trained(study_file):
    assert refused(study_file(OTHER_WIDTH)) == [
        ":9:17: arms.no-content: graph.start_from: the run of the arm 'whole' differs in graph.refiner.width: 4 there, 8 here;"
        " start from a run with the same, or change the recipe to it"
    ]


def test_a_circle_of_arms_is_shown_whole(study_file):
    circle = ("{recipe: tiny.yaml,", "{recipe: tiny.yaml, start_from: no-content,")
    found = refused(study_file(circle, ("    recipe: tiny.yaml", "    recipe: tiny.yaml\n    start_from: whole")))
    assert "the arm starts from itself: whole -> no-content -> whole" in found[0]


def test_every_fault_is_told_at_once_in_the_order_of_the_text(study_file):
    found = refused(study_file(("[0, 1]", "[]"), ("content=null", "kontent=null"), ("psnr", "pnsr")))
    assert [text.split(":")[1] for text in found] == ["4", "9", "11"]


def test_an_option_that_fits_no_arm_is_told_once(study_file):
    assert refused(study_file(), overrides=["train.stpes=2"]) == [
        "-o train.stpes=2: train.stpes: there is no such key; did you mean 'steps'?"
    ]


def test_bad_seeds_of_the_command_line_are_its_own(study_file):
    assert refused(study_file(), seeds=(1, 1))[0].startswith("--seeds: seeds: 1 stands there twice")


def test_a_study_that_is_not_there_is_refused_with_the_nearest(tmp_path):
    assert "did you mean 'paper'?" in refused("papper")[0]
    assert "there is no such file" in refused(tmp_path / "no.yaml")[0]
    assert "a folder" in refused(tmp_path)[0]


@pytest.mark.parametrize("name", shipped_studies())
def test_a_shipped_study_holds_together(name):
    study = read_study(name)
    assert study.name == name
    assert len(study.seeds) >= 3
    assert study.comparisons
    assert study.about


def test_donors_come_before_those_that_start_from_them():
    arms = {arm.name: arm for arm in (Arm("a", "r", (), "b"), Arm("b", "r", (), "c"), Arm("c", "r"), Arm("d", "r"))}
    assert [arm.name for arm in donors_first(arms)] == ["c", "b", "a", "d"]


def test_figures_are_known_by_short_names_or_by_their_metrics():
    assert check_figure("psnr") == check_figure("picture-error.mouth.psnr.edit") == ""
    assert check_figure("pssnr") == "did you mean 'psnr'?"

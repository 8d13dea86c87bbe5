"""Action units are read however people write them, and refused with the way out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efgan_kit.errors import EfganError
from efgan_kit.faces.aus import DESCRIPTIONS, EXPRESSIONS, au_set

OPENFACE = au_set("openface-17")
OPENFACE_COLUMNS = [
    *("AU01_r", "AU02_r", "AU04_r", "AU05_r", "AU06_r", "AU07_r", "AU09_r", "AU10_r", "AU12_r"),
    *("AU14_r", "AU15_r", "AU17_r", "AU20_r", "AU23_r", "AU25_r", "AU26_r", "AU45_r"),
]
"""The intensity columns that OpenFace 2 writes, in its order."""


def test_the_set_has_openface_s_units_in_openface_s_order():
    assert [f"{name}_r" for name in OPENFACE.names] == OPENFACE_COLUMNS


@pytest.mark.parametrize("written", ["AU12", "au12", "12", "AU012", " Au12 ", "AU12_r"])
def test_a_unit_is_found_however_it_is_written(written):
    assert OPENFACE.index(written) == 8


@pytest.mark.parametrize("written", ["AU1", "1", "01", "AU01"])
def test_leading_zeros_do_not_matter(written):
    assert OPENFACE.index(written) == 0


@given(st.text(max_size=12) | st.sampled_from(["²", "AU²", "AU", "", "AU١", "9" * 5000]))
def test_any_text_names_a_unit_or_is_refused(text):
    try:
        assert OPENFACE.names[OPENFACE.index(text)] in DESCRIPTIONS
    except EfganError as error:
        assert error.faults[0].where == text  # noqa: PT017  either outcome is right


def test_a_typo_gets_the_nearest_unit():
    with pytest.raises(EfganError, match="did you mean 'AU12'"):
        OPENFACE.index("AU112")


def test_a_vector_holds_intensities_in_the_set_s_order():
    few = au_set(["AU25", "AU12", "AU06"])
    assert few.vector({"12": 0.8, "AU6": 1}) == [0.0, 0.8, 1.0]


def test_a_vector_names_every_fault_at_once():
    with pytest.raises(EfganError) as caught:
        OPENFACE.vector({"AU12": 3, "AU99": 0.5, "AU04": -0.5, "AU06": float("nan"), "AU01": 0.5})
    assert [fault.where for fault in caught.value.faults] == ["AU12", "AU99", "AU04", "AU06"]
    scaled, _, negative, _ = caught.value.faults
    assert "3 becomes 0.6" in scaled.hint  # somebody wrote OpenFace's 0..5
    assert negative.hint == ""


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_every_expression_is_a_vector_of_the_set(name):
    vector = OPENFACE.expression(name)
    assert {OPENFACE.names[k]: v for k, v in enumerate(vector) if v} == EXPRESSIONS[name]


def test_an_expression_leaves_out_units_that_the_set_lacks():
    assert au_set(["AU12", "AU04"]).expression("happy") == [EXPRESSIONS["happy"]["AU12"], 0.0]


def test_an_unknown_expression_gets_the_nearest():
    with pytest.raises(EfganError, match="did you mean 'happy'"):
        OPENFACE.expression("hapy")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("openface17", "did you mean 'openface-17'"),
        ([], "one or more"),
        (["AU12", "au12"], "each once"),
        (["AU12", "AU13"], "AU13: not an action unit"),
    ],
)
def test_an_au_set_that_cannot_be_is_refused(names, message):
    with pytest.raises(EfganError, match=message):
        au_set(names)


def test_the_expressions_of_figures_4_and_6_can_be_asked_for():
    """The supplement's figures: Angry, Surprised, Sad, Happy, Neutral, Disgusted, Fearful."""
    shown = ["angry", "surprised", "sad", "happy", "neutral", "disgusted", "fearful"]
    assert len({tuple(OPENFACE.expression(name)) for name in shown}) == 7
    assert not any(OPENFACE.expression("neutral"))

"""What file names say, against names as the databases' users list them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efgan_kit.components.datasets import cfee, rafd
from efgan_kit.components.datasets.photos.grammar import plain
from efgan_kit.errors import EfganError

WORDS = st.sampled_from(["", "RaFD/", "a/b.c/", "CFEE_Database_230/01-04/Images1/"])
SUFFIX = st.sampled_from([".jpg", ".JPG", ".png"])
LETTERS = st.sampled_from([str.lower, str.upper, str])


def said(grammar, picture):
    portrait = grammar.read(picture)
    return portrait and (portrait.person, portrait.expression)


@given(
    folder=WORDS,
    camera=st.sampled_from([0, 45, 90, 135, 180]),
    person=st.integers(1, 73),
    ethnicity=st.sampled_from(["Caucasian", "Moroccan", "Kid"]),
    sex=st.sampled_from(["female", "male"]),
    expression=st.sampled_from(rafd.EXPRESSIONS),
    gaze=st.sampled_from(["left", "frontal", "right"]),
    suffix=SUFFIX,
    letters=LETTERS,
)
def test_every_field_of_a_rafd_name_comes_back(
    folder, camera, person, ethnicity, sex, expression, gaze, suffix, letters
):
    name = letters(f"Rafd{camera:03d}_{person:02d}_{ethnicity}_{sex}_{expression}_{gaze}")
    portrait = rafd.GRAMMAR.read(f"{folder}{name}{suffix}")
    assert (portrait.person, portrait.expression) == (f"{person:02d}", expression)
    fields = [portrait.said[group] for group in ("camera", "ethnicity", "sex", "gaze")]
    assert fields == [str(camera), ethnicity.lower(), sex, gaze]


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        ("Rafd090_01_Caucasian_female_angry_frontal.jpg", ("01", "angry")),
        ("Rafd090_72_Moroccan_male_angry_frontal.jpg", ("72", "angry")),
        ("RaFD/Rafd000_63_Kid_female_contemptuous_left.jpg", ("63", "contemptuous")),
        ("cropped_151_159_Rafd090_12_Caucasian_female_disgusted_frontal.jpg", ("12", "disgusted")),
        ("Rafd090_01_Caucasian_female_angry_up.jpg", None),
        ("Rafd090_01_Caucasian_angry_frontal.jpg", None),
        ("Rafd90_01_Caucasian_female_angry_frontal.jpg", None),
        ("01_female_angry.jpg", None),
        ("Rafd090_01_Caucasian_female_bored_frontal.jpg", ("01", "")),
    ],
)
def test_rafd_names(picture, expected):
    assert said(rafd.GRAMMAR, picture) == expected


@given(folder=WORDS, code=st.integers(1, 26), person=st.integers(100, 999), number=st.integers(0, 9999), suffix=SUFFIX)
def test_every_field_of_a_cfee_name_comes_back(folder, code, person, number, suffix):
    expected = (str(person), cfee.CODES[code])
    assert said(cfee.GRAMMAR, f"{folder}{code:02d}_{person}_{number:04d}{suffix}") == expected
    assert said(cfee.GRAMMAR, f"{folder}{code:02d}_{person}{suffix}") == expected
    assert said(cfee.GRAMMAR, f"{folder}{person}_{code:02d}.png{suffix}") == expected


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        ("CFEE_Database_230/01-04/Images1/01_126_3963.jpg", ("126", "neutral")),
        ("CFEE_Database_230/01-04/Images1/02_339_3470.jpg", ("339", "happy")),
        ("05-08/Images2/05_140_5449.jpg", ("140", "angry")),
        ("13-16/Images4/13_268_6288.jpg", ("268", "appalled")),
        ("21-26/Images6/02_236.jpg", ("236", "happy")),
        ("21-26/Images6/26_222.jpg", ("222", "sadly-disgusted")),
        ("21-26/Images6/260_19.png.jpg", ("260", "disgustedly-surprised")),
        ("27_126_3963.jpg", ("126", "")),
        ("1_126_3963.jpg", None),
        ("CFD-AM-242_n.png", None),
        ("101_126_3963.jpg", None),
    ],
)
def test_cfee_names(picture, expected):
    assert said(cfee.GRAMMAR, picture) == expected


def test_cfee_has_the_22_categories_of_du_tao_and_martinez():
    """Du, Tao and Martinez 2014, abstract and table 1: neutral, six basic and fifteen compound categories."""
    names = set(cfee.CODES.values())
    basic = {"happy", "sad", "fearful", "angry", "surprised", "disgusted"}
    compound = names - basic - {"neutral"}
    assert (len(names), len(compound)) == (22, 15)
    assert basic < names
    first = {"happily", "sadly", "fearfully", "angrily", "disgustedly"}
    blends = {tuple(name.split("-")) for name in compound - {"appalled", "hatred", "awed"}}
    assert len(blends) == 12
    assert all(one in first and two in basic for one, two in blends)


@given(st.text(max_size=40))
def test_any_name_is_read_or_not(name):
    for grammar in (rafd.GRAMMAR, cfee.GRAMMAR):
        portrait = grammar.read(f"{name}.jpg")
        assert portrait is None or portrait.person


@pytest.mark.parametrize(
    ("word", "expected"),
    [("090", "90"), ("000", "0"), (0, "0"), (45, "45"), ("Frontal", "frontal"), ("Sadly_angry", "sadly-angry")],
)
def test_words_are_compared_plainly(word, expected):
    assert plain(word) == expected


def test_files_may_be_named_otherwise():
    grammar = rafd.GRAMMAR.named_by(r"(?P<expression>\w+)/s(?P<person>\d+)")
    assert said(grammar, "train/Angry/s7-2.jpg") == ("7", "angry")
    assert said(grammar, "Rafd090_01_Caucasian_female_angry_frontal.jpg") is None
    words = cfee.GRAMMAR.named_by("(?P<person>[^/]+)/(?P<expression>[a-z_]+)$")
    assert said(words, "anna/Sadly_Angry.png") == ("anna", "sadly-angry")


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(?P<person>", "pattern: is no regular expression: .*see Python's module re"),
        (r"(\d+)", r"has no group \(\?P<person>...\) and no group \(\?P<expression>...\); such as"),
        (r"(?P<person>\d+)", r"has no group \(\?P<expression>...\); such as"),
    ],
)
def test_a_pattern_must_find_person_and_expression(pattern, message):
    with pytest.raises(EfganError, match=message):
        rafd.GRAMMAR.named_by(pattern)

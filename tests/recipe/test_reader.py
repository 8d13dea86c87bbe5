"""Reading YAML: values as people expect them, each where it stands; refusals in words for everything else."""

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from efgan_kit.errors import EfganError
from efgan_kit.recipe.nodes import Problems
from efgan_kit.recipe.overrides import parse_overrides
from efgan_kit.recipe.reader import read_text, read_value


def read(text):
    problems = Problems()
    node = read_value(text, "text", problems)
    problems.raise_if_any()
    return node.plain()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e-4", 1e-4),
        ("1E5", 1e5),
        (".5", 0.5),
        ("5.", 5.0),
        ("-3", -3),
        ("+3", 3),
        ("010", 10),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("on", "on"),
        ("null", None),
        ("~", None),
        ("'1'", "1"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2001-01-01", "2001-01-01"),
        (".inf", ".inf"),
        ("nan", "nan"),
        ("???", "???"),
        ("{a: ???, b: [???, 1]}", {"a": "???", "b": ["???", 1]}),
        ("{on: 1, 2: x}", {"on": 1, "2": "x"}),
        ("{a: &x [1, 2], b: *x}", {"a": [1, 2], "b": [1, 2]}),
    ],
)
def test_scalars_are_what_people_expect(text, expected):
    value = read(text)
    assert value == expected
    assert type(value) is type(expected)


def test_places_are_lines_and_columns_counted_from_1():
    node = read_text("# a comment\nfirst: {second: [1, 20]}\nthird:\n    fourth: x\n", "r.yaml", Problems())
    first = node.mapping["first"]
    assert str(first.key) == "r.yaml:2:1"
    assert str(first.mapping["second"].value[1].place) == "r.yaml:2:21"
    assert str(node.mapping["third"].mapping["fourth"].place) == "r.yaml:4:13"


def test_a_key_set_twice_is_reported_once_though_an_alias_repeats_it():
    problems = Problems()
    read_text("a: &x {b: 1, b: 2}\nc: *x\n", "r.yaml", problems)
    assert [str(fault) for fault in problems] == [
        "r.yaml:1:14: the key 'b' is already set at line 1; keep one of them"
    ]


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_what_a_yaml_writer_writes_is_read_back(value):
    from efgan_kit.recipe.dump import _Dumper

    text = yaml.dump(value, Dumper=_Dumper, allow_unicode=True)
    assert read(text) == value


@given(st.text(max_size=80) | st.text("{}[]:,&*!|>-?#'\"%@ \nab01\t.", max_size=80))
def test_any_text_is_read_or_refused_with_its_place(text):
    try:
        value = read(text)
    except EfganError as error:
        _is_placed(error, "text")
    else:
        assert _is_plain(value)


@given(st.text(max_size=60) | st.from_regex(r"[a-c.]{1,5}=[a-z0-9{}\[\]:, ]{0,9}", fullmatch=True))
def test_any_override_is_read_or_refused_naming_itself(override):
    problems = Problems()
    try:
        tree = parse_overrides([override], problems).plain()
        problems.raise_if_any()
    except EfganError as error:
        _is_placed(error, "-o ")
    else:
        path, _, _ = override.partition("=")
        for key in path.strip().split("."):
            tree = tree[key]
        assert _is_plain(tree)


def _is_placed(error, place):
    assert all(fault.where.startswith(place) and fault.what for fault in error.faults)


def _is_plain(value):
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, (bool, int, str)) or math.isfinite(value)

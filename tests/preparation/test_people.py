"""Whose face a picture shows: by folders, names, a pattern or a list."""

import pytest

from efgan_kit.errors import EfganError
from efgan_kit.preparation.people import Sitter, naming, unknown_in


@pytest.mark.parametrize(
    ("how", "pattern", "name", "sitter"),
    [
        ("none", None, "anna/1.jpg", Sitter()),
        ("folder", None, "anna/1.jpg", Sitter("anna")),
        ("folder", None, "anna/2019/summer/1.jpg", Sitter("anna")),
        ("folder", None, "1.jpg", Sitter()),
        ("name", None, "x/anna_happy_2.jpg", Sitter("anna", "happy")),
        ("name", None, "001_neutral.jpg", Sitter("001", "neutral")),
        ("name", None, "anna.jpg", Sitter("anna")),
        ("name", r"(?P<expression>[a-z]+)(?P<person>\d+)", "sad017b.png", Sitter("017", "sad")),
        ("name", r"p(?P<person>\d+)", "other.png", Sitter()),
    ],
)
def test_who_it_is(how, pattern, name, sitter):
    assert naming(how, pattern)(name) == sitter


def test_a_list_says_who_it_is_and_names_its_faults(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("image,person,expression\nx/1.jpg,anna,sad\ngone.jpg,ben,\n")
    named = naming(str(file))
    assert named("x/1.jpg") == Sitter("anna", "sad")
    assert named("x/2.jpg") == Sitter()
    assert unknown_in(named, ["x/1.jpg"]) == ["gone.jpg"]
    file.write_text("image,person\n1.jpg,anna\n1.jpg,ben\n/etc/x.jpg,carla\n")
    with pytest.raises(EfganError) as caught:
        naming(str(file))
    assert "people.csv:3: image: '1.jpg' is there twice" in str(caught.value)
    assert "people.csv:4: image: '/etc/x.jpg' is an absolute path" in str(caught.value)
    file.write_text("picture,who\n1.jpg,anna\n")
    with pytest.raises(EfganError, match="there is no column image and no column person"):
        naming(str(file))


def test_a_pattern_belongs_to_names():
    with pytest.raises(EfganError, match="is for --person name"):
        naming("folder", "(?P<person>x)")

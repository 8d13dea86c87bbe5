"""Messages: one line a fault, and nothing in them that a terminal would obey."""

import pytest

from efgan_kit.errors import EfganError, Fault, fail, printable


def test_a_fault_says_where_what_and_the_way_out():
    assert str(Fault("a.yaml:3:1", "is wrong", "mend it")) == "a.yaml:3:1: is wrong; mend it"
    assert str(Fault("", "is wrong")) == "is wrong"
    assert str(EfganError(Fault("a", "b"), Fault("c", "d"))) == "a: b\nc: d"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\x1b[2Jb.png", "a\\x1b[2Jb.png"),
        ("a\u202egnp.b", "a\\u202egnp.b"),
        ("a\x9b31m", "a\\x9b31m"),
        ("a\rb", "a\\rb"),
        ("a\udce4b", "a\\udce4b"),
        ("Zoë Müller 张.png", "Zoë Müller 张.png"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(name, shown):
    assert printable(name) == shown
    assert str(fail(name, "is no picture")) == f"{shown}: is no picture"

"""The journal: what was written is read, whatever a killed process left behind it."""

import pytest

from efgan_kit.preparation.outcomes import Journal, Outcome, PreparedFace

FACE = PreparedFace("faces/a.png", [(1.5, 2.0)] * 68, {"AU12": 0.5}, 0.9, 80, 120.5, 0.4, (1.0, -2.0, 0.0), "00ff")
ODD = "a\udcff\n\u00fc.png"


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.add(Outcome(ODD, "12", [FACE]))
    journal.add(Outcome("b.png", "34", skipped=["no face was found"], thumbnail="skipped/b.png"))
    return journal


def test_outcomes_come_back_as_they_were(journal):
    known = journal.read()
    assert known[ODD] == Outcome(ODD, "12", [FACE])
    assert known["b.png"].skipped == ["no face was found"]


@pytest.mark.parametrize("tail", [b'{"picture": "c.pn', b"\0\0\0", b'{"picture": 1}\n', b"[]\n", b"not json\n"])
def test_what_is_half_written_or_damaged_counts_for_nothing_and_the_next_line_is_whole(journal, tail):
    with journal.file.open("ab") as file:
        file.write(tail)
    assert list(journal.read()) == [ODD, "b.png"]
    journal.add(Outcome("d.png", "56"))
    assert list(journal.read()) == [ODD, "b.png", "d.png"]


def test_settled_it_is_the_same_whatever_came_first(journal, tmp_path):
    known = journal.read()
    journal.settle([known["b.png"], known[ODD]])
    other = Journal(tmp_path / "other.jsonl")
    other.add(known["b.png"])
    other.add(known[ODD])
    assert journal.file.read_bytes() == other.file.read_bytes()

"""A run's log read again: whole lines count, whatever else stands in the file."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from efgan_kit.errors import EfganError
from efgan_kit.evaluation.plots.logs import read_curves


def test_losses_come_by_name_in_the_order_of_steps(tmp_path):
    log = tmp_path / "log.jsonl"
    log.write_text(
        '{"step": 20, "losses": {"content.generator": 2.0, "content.generator@1": 1.5}}\n'
        '{"step": 10, "losses": {"content.generator": 3, "paired.generator": NaN, "a.b": Infinity, "c.d": true}}\n'
        '{"step": 20, "losses": {"content.generator": 1.0, "paired.generator": 0.5}}\n'
        '{"step": 30, "losses": {"content.gener',
        encoding="utf-8",
    )
    assert read_curves(log) == {"content.generator": [(10, 3.0), (20, 1.0)], "paired.generator": [(20, 0.5)]}


def test_a_trained_run_is_read(tiny_run):
    curves = read_curves(tiny_run / "log.jsonl")
    assert set(curves) == {"content.generator"}
    assert all(math.isfinite(loss) for _, loss in curves["content.generator"])


def test_a_run_that_has_not_logged_yet_has_no_curves(tmp_path):
    assert read_curves(tmp_path / "log.jsonl") == {}


def test_a_log_that_cannot_be_read_is_a_fault(tmp_path):
    with pytest.raises(EfganError, match="can't be read"):
        read_curves(tmp_path)


KEYS = st.sampled_from(["step", "losses", "a.b", "c@1"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=6,
)
LINES = st.lists(st.binary(max_size=30) | JSON.map(lambda value: json.dumps(value).encode()), max_size=6)


@settings(deadline=None)
@given(garbage=LINES, cut=st.integers(0, 60))
def test_garbage_loses_nothing_of_whole_lines(tmp_path_factory, garbage, cut):
    """Lines of garbage around a whole one, and a last one that is half written."""
    whole = b'{"step": 7, "losses": {"kept.generator": 0.25}}'
    log = tmp_path_factory.getbasetemp() / "garbage.jsonl"
    log.write_bytes(b"\n".join([*garbage, whole, *garbage, whole.replace(b"7", b"9")[:cut]]))
    curves = read_curves(log)
    assert (7, 0.25) in curves.pop("kept.generator")
    for curve in curves.values():
        steps = [step for step, _ in curve]
        assert steps == sorted(set(steps))
        assert all(isinstance(step, int) and isinstance(loss, float) and math.isfinite(loss) for step, loss in curve)

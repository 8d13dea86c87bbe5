import pytest
import torch

from efgan_kit.bench import machine

CPU = torch.device("cpu")


def test_a_peak_is_what_was_computed_by_the_best_round(monkeypatch):
    monkeypatch.setattr(machine, "SIDE", {"cpu": 10})
    monkeypatch.setattr(machine, "PICTURES", {"cpu": 1})
    found = {"product": [0.5, 0.25], "convolution": [2.0, 1.0]}
    monkeypatch.setattr(machine, "in_turns", lambda ways, **settings: found)
    peak = machine.measured_peak("fp32", CPU)
    assert peak.product == 2 * 10**3 / 0.25
    assert peak.convolution == 2 * 32 * 32 * 256 * 256 * 9
    assert peak.best == peak.convolution


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_machine_reaches_something(precision):
    peak = machine.measured_peak(precision, CPU, rounds=1)
    assert peak.product > 1e8
    assert peak.convolution > 1e8


def test_a_machine_is_described():
    assert {"processor", "cores", "threads", "torch", "device"} <= machine.described(CPU, 2).keys()

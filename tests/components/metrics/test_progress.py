"""A cascade's progress, from readings made by hand."""

import pytest
import torch

from efgan_kit.components.metrics.progress import Progress

# Two faces, one AU: the first goes 0.1 -> 0.3 -> 0.6 -> 0.9 to its target of 1, the second turns back on its way.
READ = torch.tensor([[[0.3], [0.6], [0.9]], [[0.2], [0.1], [0.4]]])
ASKED = torch.tensor([[[0.4], [0.7], [1.0]], [[0.1], [0.3], [0.4]]])
TARGET = torch.tensor([[1.0], [0.4]])
NOOP = torch.tensor([[0.1], [0.0]])
FLOOR = torch.tensor([[0.9], [0.4]])


def test_each_module_is_measured_by_its_own_targets_and_by_the_way_that_is_left():
    found = Progress()(READ, ASKED, TARGET, NOOP, FLOOR)
    assert [found[f"{k}.error"] for k in (1, 2, 3)] == pytest.approx([0.1, 0.15, 0.05])
    # Left of the way at first (0.9 + 0.4) / 2, after the modules (0.7 + 0.2) / 2, (0.4 + 0.3) / 2 and 0.1 / 2; a true
    # picture leaves 0.1 / 2.
    shares = [(0.65 - left) / (0.65 - 0.05) for left in (0.45, 0.35, 0.05)]
    assert [found[f"{k}.share_of_gap_closed"] for k in (1, 2, 3)] == pytest.approx(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_a_face_is_steady_that_comes_nearer_with_every_module():
    assert Progress()(READ, ASKED, TARGET, NOOP, FLOOR)["steady"] == 0.5  # the second turns back at module 2
    start = torch.tensor([[0.5], [0.0]])  # the first face turns back at module 1
    assert Progress()(READ, ASKED, TARGET, start, FLOOR)["steady"] == 0.0
    standing = READ[:, [0, 0, 2]]
    assert Progress()(standing, ASKED, TARGET, NOOP, FLOOR)["steady"] == 0.0


def test_a_graph_that_does_not_say_what_it_asked_has_no_errors_of_its_modules():
    found = Progress()(READ, ASKED[:, :0], TARGET, NOOP, FLOOR)
    assert set(found) == {"steady", *(f"{k}.share_of_gap_closed" for k in (1, 2, 3))}


def test_a_graph_of_one_step_has_no_figures():
    assert Progress()(READ[:, :1], ASKED[:, :1], TARGET, NOOP, FLOOR) == {}

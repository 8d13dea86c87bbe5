"""Pairs split by how far the target AUs are from the source's."""

import pytest
import torch

from efgan_kit.evaluation.gaps import split_by_gap


def test_pairs_are_split_at_the_median_of_their_mean_au_differences():
    source = torch.tensor([[0.0, 0.0], [0.5, 0.5], [0.2, 0.9], [1.0, 0.0]])
    target = torch.tensor([[0.4, 0.0], [0.5, 0.6], [0.2, 0.1], [0.0, 1.0]])
    threshold, parts = split_by_gap(source, target)  # distances 0.2, 0.05, 0.4 and 1
    assert threshold == pytest.approx(0.3)
    assert {name: positions.tolist() for name, positions in parts.items()} == {"small": [0, 1], "large": [2, 3]}


def test_the_median_itself_is_small():
    target = torch.tensor([[0.1], [0.2], [0.3]])
    _, parts = split_by_gap(torch.zeros(3, 1), target)
    assert parts["small"].tolist() == [0, 1]
    assert parts["large"].tolist() == [2]


def test_equal_distances_are_not_split():
    assert split_by_gap(torch.zeros(3, 1), torch.full((3, 1), 0.25)) == (0.25, {})

"""How an ablation's options are written."""

import pytest

from efgan_kit.cli.ablation_wishes import read_scale, read_swap
from efgan_kit.errors import EfganError


@pytest.mark.parametrize("text", ["content", "content=", "=1", "content=a", "content=1,,2", "content=-1", "content=inf",
                                  "content=nan"])  # fmt: skip
def test_a_malformed_scale_is_refused(text):
    with pytest.raises(EfganError, match="TERM=FACTOR"):
        read_scale(text)


def test_a_scale_is_read():
    assert read_scale("content=0.1,1,1e1") == ("content", (0.1, 1.0, 10.0))


@pytest.mark.parametrize("text", ["refiner", "=x", "refiner="])
def test_a_malformed_swap_is_refused(text):
    with pytest.raises(EfganError, match="SLOT=COMPONENT"):
        read_swap(text)

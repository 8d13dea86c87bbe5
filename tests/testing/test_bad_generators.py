"""The conformance suite catches generators that break their contract, and says which."""

import random

import numpy as np
import pytest
import torch
from torch import nn

from efgan_kit.api import Edit
from efgan_kit.testing.conformance import Subject, examine


class Good(nn.Module):
    """A generator of one convolution.

    Args:
        width: Channels in between.
    """

    def __init__(self, region, aus, *, width: int = 4):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3 + aus, width, 3, padding=1), nn.SiLU(), nn.Conv2d(width, 4, 1))

    def forward(self, image, source_aus, target_aus):
        planes = target_aus[:, :, None, None].expand(-1, -1, *image.shape[-2:])
        drawn = self.body(torch.cat([image, planes], 1)).float()
        colour, attention = drawn[:, :3].tanh(), drawn[:, 3:].sigmoid()
        return Edit(attention * colour + (1 - attention) * image, attention, colour)


class WrongShape(Good):
    """Leaves out the last row."""

    def forward(self, *given):
        return Edit(*(part[..., :-1, :] for part in super().forward(*given)[:3]))


class SquareOnly(Good):
    """Takes every region to be as wide as it is high."""

    def forward(self, *given):
        edit = super().forward(*given)
        return Edit(*(part[..., : part.shape[-2]] for part in edit[:3]))


class OutOfRange(Good):
    """Colours brighter than white."""

    def forward(self, *given):
        edit = super().forward(*given)
        return edit._replace(colour=2 * edit.colour)


class Inverted(Good):
    """Attention the other way round."""

    def forward(self, *given):
        edit = super().forward(*given)
        return edit._replace(attention=1 - edit.attention)


class InPlace(Good):
    """Paints on the picture it was lent."""

    def forward(self, image, source_aus, target_aus):
        return super().forward(image.clamp_(-0.5, 0.5), source_aus, target_aus)


class Detached(Good):
    """Its second layer's gradient ends before the first."""

    def forward(self, image, source_aus, target_aus):
        planes = target_aus[:, :, None, None].expand(-1, -1, *image.shape[-2:])
        drawn = self.body[2](self.body[:2](torch.cat([image, planes], 1)).detach())
        colour, attention = drawn[:, :3].tanh(), drawn[:, 3:].sigmoid()
        return Edit(attention * colour + (1 - attention) * image, attention, colour)


class Seeding(Good):
    """Seeds torch when it is made."""

    def __init__(self, region, aus, *, width: int = 4):
        torch.manual_seed(0)
        super().__init__(region, aus, width=width)


class SeedingForward(Good):
    """Seeds torch whenever it is called."""

    def forward(self, *given):
        torch.manual_seed(0)
        return super().forward(*given)


class Dropping(Good):
    """Draws from torch's global generator."""

    def forward(self, image, source_aus, target_aus):
        return super().forward(image, source_aus, nn.functional.dropout(target_aus, 0.5))


class Rolling(Good):
    """Draws from Python's and NumPy's global generators."""

    def forward(self, image, source_aus, target_aus):
        return super().forward(image, source_aus, target_aus * random.random() * np.random.random())


class Unrepeatable(Good):
    """Draws from a generator that nobody has seeded."""

    def forward(self, image, source_aus, target_aus):
        own = torch.Generator()
        own.seed()
        return super().forward(image, source_aus, target_aus * torch.rand(1, generator=own))


class Forgetful(Good):
    """Keeps what moves in a plain attribute."""

    def __init__(self, region, aus, *, width: int = 4):
        super().__init__(region, aus, width=width)
        self.gain = torch.rand(1)

    def forward(self, image, source_aus, target_aus):
        return super().forward(image, source_aus, target_aus * self.gain.to(image.device))


class Pinned(Good):
    """Ties a buffer to the CPU."""

    def __init__(self, region, aus, *, width: int = 4):
        super().__init__(region, aus, width=width)
        self.register_buffer("table", torch.zeros(3, device="cpu"))


class Overflowing(Good):
    """Its logarithm of a rounded number is not finite."""

    def forward(self, *given):
        edit = super().forward(*given)
        if torch.is_autocast_enabled("cpu"):
            return edit._replace(colour=edit.colour / 0)
        return edit


class Undocumented(Good):
    """Says nothing of its parameters."""

    def __init__(self, region, aus, *, width: int = 4, depth=1):
        super().__init__(region, aus, width=width)


class Greedy(Good):
    """Asks for what no generator gets.

    Args:
        width: Channels.
    """

    def __init__(self, region, aus, moon=None, *, width: int = 4):
        super().__init__(region, aus, width=width)


BAD_GENERATORS = [
    (WrongShape, "image has the shape (3, 3, 64, 64); seen: (3, 3, 63, 64)"),
    (SquareOnly, "image has the shape (3, 3, 64, 96); seen: (3, 3, 64, 64)"),
    (OutOfRange, "colour lies in [-1, 1]"),
    (Inverted, "image = attention * colour + (1 - attention) * input"),
    (InPlace, "inputs are not edited in place; seen: changed: ['output.0']"),
    (Detached, "gradients reach every trainable parameter; seen: none at ['body.0.weight', 'body.0.bias']"),
    (Seeding, "a constructor must not seed torch"),
    (SeedingForward, "a forward pass leaves the global random state alone"),
    (Dropping, "the state of torch has changed"),
    (Rolling, "the state of random and numpy has changed"),
    (Unrepeatable, "the same weights and inputs give the same output"),
    (Forgetful, "a restored component gives the same output"),
    (Pinned, "not on the meta device: ['table']"),
    (Overflowing, "outputs are finite under bfloat16 autocast"),
    (Undocumented, "every keyword-only parameter is explained under Args:"),
]


def failure(target):
    with pytest.raises(AssertionError) as caught:
        examine(Subject("generator", target))
    return str(caught.value)


def test_a_good_generator_passes():
    examine(Subject("generator", Good, {"width": 4}))


@pytest.mark.parametrize(
    ("target", "message"), BAD_GENERATORS, ids=lambda case: getattr(case, "__name__", None)
)
def test_a_bad_generator_is_caught(target, message):
    said = failure(target)
    assert message in said
    assert f"generator {target.__name__}" in said


def test_all_broken_contracts_are_told_at_once():
    class Worse(InPlace, OutOfRange):
        """Both."""

    told = failure(Worse).splitlines()
    assert {"leaves_its_inputs_alone", "returns_what_its_kind_promises"} <= {
        line.partition(":")[0] for line in told
    }


def test_a_check_can_be_left_out_on_purpose():
    names = {line.partition(":")[0] for line in failure(Undocumented).splitlines()}
    examine(Subject("generator", Undocumented), without=names)


def test_a_component_that_raises_is_told_like_the_rest():
    class Raising(Good):
        """Fails when called."""

        def forward(self, *given):
            raise RuntimeError("out of paint")

    assert "raised RuntimeError: out of paint" in failure(Raising)

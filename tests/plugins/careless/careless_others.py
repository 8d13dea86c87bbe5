"""Components of other kinds that break a contract each."""

import click
import torch
from torch import nn

from efgan_kit.api import FaceSample, Verdict, value


class NeedsARoot:
    """Faces that lie somewhere.

    Args:
        root: The folder.
    """

    def __init__(self, faces, *, root: str):
        self.root = root


class Augmenting:
    """Another face each time."""

    def __init__(self, faces):
        self.size, self.aus = faces.size, len(faces.aus)
        self.names, self.people, self.pairs = ["a", "b"], ["anna", "anna"], [(0, 1)]
        self.own = torch.Generator()

    def __len__(self):
        return 2

    def __getitem__(self, index):
        image = torch.randint(0, 256, (3, self.size, self.size), dtype=torch.uint8, generator=self.own)
        return FaceSample(image, torch.zeros(68, 2), torch.zeros(self.aus))


class Summing(nn.Module):
    """A term whose weight grows with the batch."""

    def generator(self, edited, source):
        return (edited - source).abs().sum() / source[0].numel()


class Misspelt(nn.Module):
    """A term that asks for what is not there."""

    def generator(self, editted):
        return editted.mean()


class HalfDetached(nn.Module):
    """A term that detaches half of itself."""

    def generator(self, edited, source):
        return ((edited - source) * (edited - source).detach()).mean()


class FrozenGradient(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return x.sin()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return gradient * x.cos()


class OnceDifferentiable(nn.Module):
    """A critic whose gradient has no gradient."""

    def __init__(self, region, aus):
        super().__init__()
        self.body, self.score = nn.Conv2d(3, 8, 4, stride=4), nn.Conv2d(8, 1, 1)

    def forward(self, image):
        return Verdict(FrozenGradient.apply(self.score(nn.functional.silu(self.body(image))).float()))


class Note:
    """An object."""


class Hoarding(torch.optim.SGD):
    """Keeps objects in its state."""

    def __init__(self, parameters):
        super().__init__(parameters, lr=0.01)

    def step(self, closure=None):
        for parameter in self.param_groups[0]["params"]:
            self.state[parameter]["note"] = Note()
        return super().step(closure)


class Tensorial:
    """A metric whose figures are tensors."""

    def __call__(self, edited):
        return {"mean": edited.mean()}


@value("generator")
def whole_batch(edited):
    """`()` in [0, 1]: one number."""
    return edited.abs().mean()


def unmarked(edited):
    """`(B,)` in [0, 1]: how bright it is."""
    return edited.abs().flatten(1).mean(dim=1)


@value("generator")
def unshaped(edited):
    """How bright it is."""
    return edited.abs().flatten(1).mean(dim=1)


@click.command()
def speechless():
    pass

"""The toy plugin's components. Importing this module imports torch, as real ones do."""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import nn

from efgan_kit.api import Discriminator, Edit, Edited, FaceSample, Generator, Maker, Refiner, Verdict, value


class ToyGenerator(nn.Module):
    """A convolution that edits nothing in particular.

    Args:
        width: Channels in between.
        upsampling: How it grows.
    """

    def __init__(
        self,
        region,
        aus,
        *,
        width: int = 8,
        upsampling: Literal["near", "far"] = "near",
        slope: float = 0.1,
        fast: bool = False,
        steps: Sequence[int] = (1, 2),
        label: str | None = None,
    ):
        super().__init__()
        if width % 2:
            raise ValueError(f"width is {width}: it must be even")
        self.region, self.steps, self.label = region, steps, label
        self.body = nn.Sequential(nn.Conv2d(3, width, 1), nn.Conv2d(width, 4, 1))

    def forward(self, image, source_aus, target_aus):
        drawn = self.body(image)
        return Edit(drawn[:, :3], drawn[:, 3:].sigmoid(), drawn[:, :3])


class Greedy(nn.Module):
    def __init__(self, region, aus, moon):
        super().__init__()


class ToyCritic(nn.Module):
    """A convolution that judges."""

    def __init__(self, region, aus, *, layers: int):
        super().__init__()
        self.body = nn.Conv2d(3, layers, 1)

    def forward(self, image):
        return Verdict(self.body(image))


class ToyGraph(nn.Module):
    """One generator for the face and what else a recipe gives it."""

    def __init__(
        self,
        faces,
        *,
        generator: Maker[Generator],
        critics: Mapping[str, Maker[Discriminator]] = {},
        refiner: Maker[Refiner] | None = None,
        depth: int = 1,
    ):
        super().__init__()
        self.generators = nn.ModuleDict(
            {name: generator(region=region, aus=len(faces.aus)) for name, region in faces.regions.items()}
        )
        self.critics = nn.ModuleDict(
            {name: critic(region=faces.face, aus=len(faces.aus)) for name, critic in critics.items()}
        )

    def players(self):
        return {"generator": [self.generators], "discriminator": [self.critics]}

    def edit(self, source, landmarks, source_aus, target_aus):
        edit = self.generators["face"](source, source_aus, target_aus)
        return Edited(edit.image, edit.image, edit.attention, (edit.image,))

    @value("generator")
    def edited(self, source, source_aus, target_aus):
        return self.generators["face"](source, source_aus, target_aus).image

    @value()
    def verdict(self, edited):
        return self.critics["final"](edited)


class ToyL1(nn.Module):
    """The distance to the source."""

    def generator(self, edited, source):
        return (edited - source).abs().mean()


class ToyAdversarial(nn.Module):
    """An adversarial term."""

    def __init__(self, *, penalty: float = 10.0):
        super().__init__()
        self.penalty = penalty

    def generator(self, verdict):
        return -verdict.score.mean()

    def discriminator(self, verdict, random):
        return verdict.score.mean()


class ToyLost(nn.Module):
    def generator(self, editted):
        return editted.mean()


class ToyIdle(nn.Module):
    pass


def toy_sgd(parameters, *, lr: float = 1e-3, momentum: float = 0.0):
    """Plain descent."""
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum)


class ToyConstant:
    """Always 1."""

    def __init__(self, steps):
        self.steps = steps

    def __call__(self, step):
        return 1.0


class ToyFaces:
    """Grey pictures."""

    def __init__(self, faces, *, count: int, root: str | None = None):
        self.faces = faces
        self.names = [f"face{index}" for index in range(count)]
        self.people = self.names
        self.pairs = ()

    def __len__(self):
        return len(self.names)

    def __getitem__(self, index):
        size = self.faces.size
        grey = torch.full((3, size, size), 128, dtype=torch.uint8)
        return FaceSample(grey, torch.full((68, 2), size / 2), torch.zeros(len(self.faces.aus)))


class ToyError:
    """The mean difference."""

    def __call__(self, edited, truth):
        return {"error": float((edited - truth).abs().mean())}

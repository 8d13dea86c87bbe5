"""The conformance suite catches components of every other kind that break their contract."""

import numpy as np
import pytest
import torch
from torch import nn

from efgan_kit.api import FaceSample, FoundFace, Picture, Verdict, au_set, fail
from efgan_kit.testing.conformance import CHECKS, Subject, examine


def failure(kind, target, **more):
    with pytest.raises(AssertionError) as caught:
        examine(Subject(kind, target, **more))
    return str(caught.value)


class Critic(nn.Module):
    """A critic of one layer."""

    def __init__(self, region, aus):
        super().__init__()
        self.body = nn.Conv2d(3, 8, 4, stride=4)
        self.score = nn.Conv2d(8, 1, 1)

    def forward(self, image):
        return Verdict(self.score(nn.functional.silu(self.body(image))).float())


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


class OnceDifferentiable(Critic):
    """Its gradient has no gradient."""

    def forward(self, image):
        return Verdict(FrozenGradient.apply(super().forward(image).score))


def test_a_critic_must_bear_a_gradient_penalty():
    examine(Subject("discriminator", Critic))
    assert "bears_a_gradient_penalty" in failure("discriminator", OnceDifferentiable)


class Summed(nn.Module):
    """A term whose weight grows with the batch."""

    def generator(self, edited, source):
        return (edited - source).abs().sum()


class Cut(nn.Module):
    """A term that detaches half of itself."""

    def generator(self, edited, source):
        return ((edited - source) * (edited - source).detach()).mean()


class Silent(nn.Module):
    """A term that teaches nobody."""


class Confused(nn.Module):
    """A term that asks for what is not there."""

    def generator(self, editted):
        return editted.mean()


class Scribbling(nn.Module):
    """A term that writes on the pictures."""

    def generator(self, edited, source):
        source.mul_(0.5)
        return (edited - source).square().mean()


class Unreduced(nn.Module):
    """A term that returns one loss a face."""

    def generator(self, edited, source):
        return (edited - source).square().flatten(1).mean(1)


class Learning(nn.Module):
    """A term with a weight of its own."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def generator(self, edited, source):
        return self.scale * (edited - source).square().mean()


class Gambling(nn.Module):
    """A term that draws from torch's global generator."""

    def generator(self, edited, source):
        return (edited - source + torch.randn_like(source)).square().mean()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (Summed, "generator(...) averages over the batch"),
        (Cut, "gradients by generator(edited) are the loss's own"),
        (Silent, "has a method for a player"),
        (Confused, "seen: 'editted', did you mean 'edited'?"),
        (Scribbling, "values are not edited in place; seen: changed: ['generator.source']"),
        (Unreduced, "returns a scalar tensor; seen: torch.Size([1]) of generator(...)"),
        (Learning, "a term's own parameters are frozen, for no optimizer moves them; seen: ['scale']"),
        (Gambling, "leaves the global random state alone"),
    ],
    ids=lambda case: getattr(case, "__name__", None),
)
def test_a_bad_term_is_caught(target, message):
    assert message in failure("loss", target)


def test_a_term_may_ask_for_a_value_of_its_own_plugin():
    class Plugged(nn.Module):
        """Holds the edit to a picture that its plugin offers."""

        def generator(self, edited, portrait):
            return (edited - portrait).square().mean()

    subject = Subject("loss", Plugged, values={"portrait": torch.zeros(1, 3, 64, 64)})
    examine(subject, without=["does_not_depend_on_the_batch_size"])


class Stubborn(torch.optim.SGD):
    """Ignores its rate."""

    def __init__(self, parameters):
        super().__init__(parameters, lr=0.1)

    def step(self, closure=None):
        self.param_groups[0]["lr"] = 0.1
        return super().step(closure)


class Counting:
    """A schedule that counts its own calls."""

    def __init__(self, steps):
        self.calls = 0

    def __call__(self, step):
        self.calls += 1
        return 1 / self.calls


class Negative:
    """A schedule that falls below 0."""

    def __init__(self, steps):
        pass

    def __call__(self, step):
        return 1 - step / 10


class Shuffled:
    """A data set that augments."""

    def __init__(self, faces):
        self.size, self.aus = faces.size, len(faces.aus)
        self.names, self.people, self.pairs = ["a", "b"], ["anna", "ben"], [(0, 1)]
        self.au_vectors = torch.ones(2, self.aus)

    def __len__(self):
        return 2

    def __getitem__(self, index):
        image = torch.randint(0, 256, (3, self.size, self.size), dtype=torch.uint8)
        return FaceSample(image, torch.zeros(68, 2), 5 * torch.ones(self.aus))


class Tensorial:
    """A metric whose figures are tensors."""

    def __call__(self, edited):
        return {"mean": edited.mean()}


class Relative(nn.Module):
    """An extractor that compares each picture with its batch, and learns from a global generator."""

    def __init__(self):
        super().__init__()
        self.register_buffer("learned", torch.zeros(1))

    def forward(self, pictures):
        means = pictures.mean(dim=(2, 3))
        return means - means.mean(dim=0)

    def prepare(self, faces, random):
        self.learned = torch.rand(1)


class Flat(nn.Module):
    """An extractor that returns maps."""

    def forward(self, pictures):
        return pictures


class Restless:
    """A landmarker that writes on the picture, counts, sees faces everywhere and is too sure of them."""

    def __init__(self):
        self.calls = 0

    def __call__(self, picture):
        self.calls += 1
        if picture.pixels.flags.writeable:
            picture.pixels[0, 0] = 7
        small, large = (np.full((68, 2), 1.0) + size * np.eye(68, 2) for size in (2, 9))
        return [FoundFace(small.astype(np.float32), 2.0 / self.calls), FoundFace(large, 1.0)]


class Silent17:
    """An AU labeller of other names and scales, which hides what it can't see."""

    units = ("AU12", "AU6")
    blind = {"AU12": "", "AU45": "asleep"}  # noqa: RUF012

    def __call__(self, picture, face):
        return {"AU12": 4.2}


class Refusing:
    """An AU labeller that measures nothing."""

    units = au_set("openface-17").names
    blind = {}  # noqa: RUF012

    def __call__(self, picture, face):
        raise fail("refusing", "not today")


@pytest.mark.parametrize(
    ("kind", "target", "messages"),
    [
        (
            "landmarker",
            Restless,
            [
                "the confidence lies in [0, 1]; seen: 2.0",
                "the largest face comes first",
                "finds no face in a blank picture of (128, 96); seen: 2",
                "a picture's faces do not depend on what was asked before",
            ],
        ),
        (
            "au-labeller",
            Silent17,
            ["AUs are those of `openface-17`, written AU01; seen: ['AU6']", "gives all its `units` and no others"],
        ),
        (
            "extractor",
            Relative,
            [
                "a picture's features do not depend on the others of its batch",
                "prepare(...) leaves the global random state",
            ],
        ),
        ("extractor", Flat, ["returns features (N, F); seen: (3, 3, 64, 64)"]),
        ("optimizer", Stubborn, ["a rate of 0 moves nothing"]),
        ("schedule", Counting, ["a step's factor does not depend on the steps asked before"]),
        ("schedule", Negative, ["factors are finite and not negative"]),
        (
            "dataset",
            Shuffled,
            [
                "one person's",
                "AUs lie in [0, 1]; seen: 5 to 5",
                "leaves the global random state",
                "au_vectors are the AUs that indexing gives; seen: others of faces [0, 1]",
            ],
        ),
        ("metric", Tensorial, ["figures are floats, which JSON can hold; seen: {'mean': 'Tensor'}"]),
    ],
)
def test_other_bad_components_are_caught(kind, target, messages):
    told = failure(kind, target, values={"edited": torch.zeros(2)} if kind == "metric" else {})
    assert [message for message in messages if message not in told] == []


def test_a_landmarker_that_writes_on_its_pictures_is_caught():
    picture = Picture(np.zeros((8, 8, 3), np.uint8))
    assert "the picture's pixels stay" in failure("landmarker", Restless, values={"pictures": [picture]})


def test_a_labeller_that_measures_none_of_its_own_faces_is_caught():
    faces = [(Picture(np.zeros((8, 8, 3), np.uint8)), FoundFace(np.zeros((68, 2), np.float32)))]
    told = failure("au-labeller", Refusing, values={"faces": faces})
    assert "measures a face; seen: EfganError for each of 1" in told
    with pytest.warns(UserWarning, match="measures_every_unit: .* is not examined: .* give faces"):
        examine(Subject("au-labeller", Refusing))


def test_checks_are_named_by_what_they_hold():
    for kind, checks in CHECKS.items():
        names = [check.__name__ for check in checks]
        assert len(set(names)) == len(names), kind
        assert all(check.__doc__ for check in checks), kind


class ByPlace(nn.Module):
    """A term whose author forgot the `*`."""

    def __init__(self, epsilon: float = 1e-3):
        super().__init__()
        self.epsilon = epsilon

    def generator(self, edited, source):
        return ((edited - source).square() + self.epsilon).sqrt().mean()


def test_a_key_that_lacks_its_star_is_seen():
    assert "the keys of a recipe are keyword-only: `*` stands before them; seen: taken by place: epsilon" in failure(
        "loss", ByPlace
    )

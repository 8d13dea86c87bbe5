"""What the interpolation loss makes of the interpolator, on AU vectors alone. Slow; run with `pytest -m proof -s`.

The trainer's own phases run, with `interpolation` as the only term: no picture is drawn, and no generator asked. All
figures are of people whom nothing was trained on; `-s` prints them. An area under the ROC curve of 0.5 is chance.
"""

import functools
from statistics import mean, stdev

import attrs
import pytest
import torch

from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.recipe import load_recipe
from efgan_kit.training.assembly import prepare
from efgan_kit.training.batches import BatchPlan, assemble, batches, to_device

from .telling_apart import classifier, roc_area, steepest

pytestmark = pytest.mark.proof

SEEDS = (0, 1, 2)
REST = 0.06
OTHER_LOSSES = ("adversarial", "conditional", "content", "attention", "paired", "smoothness")
NOTHING_ELSE = (
    *(f"losses.{name}=null" for name in OTHER_LOSSES),
    *("graph.refiner=null", "graph.discriminators.initial=null", "graph.discriminators.final=null"),
    *("graph.generator.width=4", "graph.generator.per_region=null"),
    *("train.ema=null", "train.mirror=false", "data.test=null", "metrics=[]"),
)
MEAN = "losses.interpolation.reduction=mean"
ARMS = {
    "straight line": ("graph.interpolator.use=linear",),
    "norm, as published": (),
    "mean of squares": (MEAN,),
    "mean of squares, 64 times 4000": (MEAN, "train.batch_size=64", "train.steps=4000"),
}
SHARES = {"uniform": None, "thirds": (1 / 3, 2 / 3)}
"""How much of the residual is asked for: as an EF-GAN trains it, and as a cascade of three uses it."""


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch):
    def blank(faces, person, aus):
        return torch.zeros(3, faces.size, faces.size, dtype=torch.uint8), torch.full((68, 2), faces.size / 2)

    monkeypatch.setattr(DrawnFaces, "_draw", blank)


@attrs.frozen
class Figures:
    """Of one training and one kind of shares.

    Attributes:
        critic_on_line: Area by which the run's own D_interp ranks real AUs above linear mixtures.
        critic: The same for what the interpolator returns.
        moved: Mean L2 distance from the straight line.
        nearest: Mean L2 distance to the nearest real AU vector of the training people.
        progress: How far along the residual, for 1 that was asked; 1 on the line.
        slope: The largest slope of D_interp on held-out mixtures and reals.
    """

    critic_on_line: float
    critic: float
    moved: float
    nearest: float
    progress: float
    slope: float


@attrs.frozen
class Afresh:
    """Of classifiers that are trained afterwards to tell what an interpolator returns from real AUs.

    Attributes:
        fresh: The area.
        at_rest: The same where AUs at rest are 0 on both sides, as OpenFace often has them.
    """

    fresh: float
    at_rest: float


def test_the_area_is_that_of_pairs_counted_by_hand():
    """Of six pairs the natural one is above in three, equal in one."""
    assert roc_area(torch.tensor([1.0, 3.0]), torch.tensor([0.0, 1.0, 4.0])) == pytest.approx(3.5 / 6)


def recipe_of(arm, seed):
    return load_recipe("quickstart", overrides=[*NOTHING_ELSE, *ARMS[arm], f"train.seed={seed}"])


@functools.cache
def trained(arm, seed):
    """The whole training of a recipe's interpolator and D_interp."""
    training = prepare(recipe_of(arm, seed), torch.device("cpu"))
    settings = training.recipe.train
    assert settings.critic_steps == 1
    noise, steps = settings.target_noise, training.steps
    for batch in batches(training.faces, training.plan, first=0, last=steps, target_noise=noise, workers=0):
        training.take_step(to_device(batch, training.device, settings.channels_last))
    return training


def pairs(faces, settings, seed, count=3200):
    """Source AUs and residuals `(count, A)`, drawn as the trainer draws them."""
    plan = BatchPlan(faces.people, batch_size=count, seed=seed, paired=settings.paired, mirror=False)
    batch = assemble(faces, plan[0], settings.target_noise)
    return batch["source_aus"], batch["target_aus"] - batch["source_aus"]


def shares(kind, count, random):
    if SHARES[kind] is None:
        return torch.rand(count, 1, generator=random)
    return torch.tensor(SHARES[kind])[torch.randint(len(SHARES[kind]), (count, 1), generator=random)]


def asked_of_strangers(training, seed, kind):
    """Real AUs of people whom nothing was trained on, their source AUs, and shares of residuals to go."""
    strangers = DrawnFaces(training.recipe.faces, people=200, group="test")
    source, residual = pairs(strangers, training.recipe.train, 200 + seed)
    return of(strangers), source, shares(kind, len(source), torch.Generator().manual_seed(seed)) * residual


def of(faces):
    return torch.stack([face.aus for face in faces])


def figures(arm, seed, kind):
    training = trained(arm, seed)
    interpolator, critic = training.graph.interpolator.eval(), training.graph.au_critic
    natural, source, asked = asked_of_strangers(training, seed, kind)
    line = source + asked
    slope = max(steepest(critic, aus) for aus in (natural, line))
    with torch.no_grad():
        made = interpolator(source, asked)
        natural_score, line_score, made_score = critic(natural), critic(line), critic(made)
    return Figures(
        critic_on_line=roc_area(natural_score, line_score),
        critic=roc_area(natural_score, made_score),
        moved=float((made - line).norm(dim=1).mean()),
        nearest=float(torch.cdist(made, of(training.faces)).amin(dim=1).mean()),
        progress=float(((made - source) * asked).sum() / asked.square().sum()),
        slope=slope,
    )


def at_rest(aus):
    """Drawn faces rest at U(0, 0.06): that noise is 0 here."""
    return aus.masked_fill(aus < REST, 0)


def afresh(arm, seed, kind):
    training = trained(arm, seed)
    interpolator, real = training.graph.interpolator.eval(), of(training.faces)
    source, residual = pairs(training.faces, training.recipe.train, 100 + seed, 12800)

    @torch.no_grad()
    def make(count, random):
        chosen = torch.randint(len(source), (count,), generator=random)
        return interpolator(source[chosen], shares(kind, count, random) * residual[chosen])

    plain = classifier(real, make, seed)
    resting = classifier(at_rest(real), lambda count, random: at_rest(make(count, random)), seed)
    natural, start, asked = asked_of_strangers(training, seed, kind)
    with torch.no_grad():
        made = interpolator(start, asked)
    return Afresh(
        fresh=roc_area(plain(natural), plain(made)),
        at_rest=roc_area(resting(at_rest(natural)), resting(at_rest(made))),
    )


@functools.cache
def over_seeds(measure, arm, kind):
    """The mean of every figure; each seed's is printed, and the standard deviation."""
    found = [measure(arm, seed, kind) for seed in SEEDS]
    columns = {name: [getattr(one, name) for one in found] for name in attrs.fields_dict(type(found[0]))}
    print(f"\n{arm}, shares {kind}, seeds {SEEDS}:")
    for name, values in columns.items():
        each = "  ".join(f"{value:.3f}" for value in values)
        print(f"  {name:<14} {mean(values):.3f} ({stdev(values):.3f})   {each}")
    return type(found[0])(**{name: mean(values) for name, values in columns.items()})


# What must hold ---------------------------------------------------------------


@pytest.mark.parametrize(("kind", "own", "another"), [("uniform", 0.65, 0.82), ("thirds", 0.72, 0.92)])
def test_linear_mixtures_are_told_from_real_aus(kind, own, another):
    """By D_interp, beside an interpolator that learns nothing, and the better by a classifier."""
    assert over_seeds(figures, "straight line", kind).critic > own
    assert over_seeds(afresh, "straight line", kind).fresh > another


@pytest.mark.parametrize("kind", SHARES)
def test_as_published_the_interpolator_stays_on_the_line(kind):
    """A slope of the critic below 1 / realism = 10 can't outweigh an unsquared distance."""
    found = over_seeds(figures, "norm, as published", kind)
    assert found.slope < 2
    assert found.moved < 1e-3


@pytest.mark.parametrize("kind", SHARES)
def test_with_a_mean_of_squares_mixtures_are_told_less_well(kind):
    """By its own critic, and by a classifier; at most as far off the line as a slope of the critic can move it."""
    found, line = (over_seeds(figures, arm, kind) for arm in ("mean of squares", "straight line"))
    assert found.critic < min(found.critic_on_line, line.critic) - 0.08
    assert 0.1 < found.moved < 17 / 2 * 0.1 * found.slope
    found, line = (over_seeds(afresh, arm, kind) for arm in ("mean of squares", "straight line"))
    assert found.fresh < line.fresh - 0.05
    assert found.at_rest < line.at_rest - 0.05


@pytest.mark.parametrize("kind", SHARES)
def test_trained_on_16_times_as_many_its_own_critic_is_at_chance(kind):
    arm = "mean of squares, 64 times 4000"
    found = over_seeds(figures, arm, kind)
    assert found.critic_on_line > 0.75
    assert 0.4 < found.critic < 0.58
    assert over_seeds(afresh, arm, kind).at_rest < over_seeds(afresh, "mean of squares", kind).at_rest


@pytest.mark.parametrize("arm", ARMS)
def test_a_trained_interpolator_keeps_bounds_and_identity(arm):
    for seed in SEEDS:
        training = trained(arm, seed)
        interpolator = training.graph.interpolator.eval()
        natural, source, asked = asked_of_strangers(training, seed, "uniform")
        with torch.no_grad():
            made, still = interpolator(source, 2 * asked), interpolator(natural, torch.zeros_like(natural))
        assert torch.equal(still, natural)
        assert 0 <= float(made.min()) <= float(made.max()) <= 1

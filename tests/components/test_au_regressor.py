"""The AU regressor learns from the faces it is shown, and from no other random stream than its own."""

import pytest
import torch

from efgan_kit.components.au_regressor import AURegressor, fit, photometric
from efgan_kit.testing.scenes import SQUARE, FewFaces


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


class Lamps(FewFaces):
    """Faces of one grey in each quarter: the quarter's brightness is an AU."""

    def __len__(self):
        return 32

    def __getitem__(self, index):
        sample = super().__getitem__(index)
        rows = sample.aus[:4].reshape(2, 2)[:, [0, 0]]  # mirroring must not change what is to be read
        image = (255 * rows).repeat_interleave(32, 0).repeat_interleave(32, 1).expand(3, 64, 64)
        return sample._replace(image=image.byte(), aus=torch.stack([rows[0, 0], rows[1, 0]]))


def test_a_regressor_learns_a_toy_signal():
    faces = Lamps(SQUARE)
    regressor = AURegressor(64, 2, width=4, halvings=3)
    steps = []
    fit(
        regressor,
        faces,
        torch.Generator().manual_seed(0),
        steps=40,
        batch_size=16,
        lr=1e-2,
        on_step=steps.append,
    )
    assert steps == list(range(1, 41))
    assert not regressor.training
    assert not any(parameter.requires_grad for parameter in regressor.parameters())
    samples = [faces[index] for index in range(32)]
    truth = torch.stack([sample.aus for sample in samples])
    read = regressor(torch.stack([sample.image for sample in samples]).float() / 127.5 - 1)
    error, blind = (read - truth).abs().mean(), (truth - truth.mean(0)).abs().mean()
    assert float(error) < 0.5 * float(blind)


def test_fitting_draws_from_its_own_stream_alone():
    states = []
    for _ in range(2):
        torch.manual_seed(1)
        regressor = AURegressor(64, 5, width=4)
        torch.manual_seed(len(states))
        fit(
            regressor,
            FewFaces(SQUARE),
            torch.Generator().manual_seed(3),
            steps=2,
            batch_size=4,
            augment=photometric,
        )
        states.append(regressor.state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_photometric_noise_keeps_shape_and_comes_from_its_stream():
    pictures = 2 * torch.rand(2, 3, 16, 16) - 1
    first, second, other = (photometric(pictures, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    assert first.shape == pictures.shape
    assert torch.equal(first, second)
    assert not torch.allclose(first, other)
    assert not torch.allclose(first, pictures)


@pytest.mark.parametrize("steps", [1, 2, 4, 5, 6, 10])
def test_any_number_of_steps_can_be_fitted(steps):
    regressor = AURegressor(64, 5, width=2, halvings=3)
    before = {name: value.clone() for name, value in regressor.state_dict().items()}
    fit(regressor, FewFaces(SQUARE), torch.Generator().manual_seed(0), steps=steps, batch_size=2)
    moved = [name for name, value in regressor.state_dict().items() if not torch.equal(value, before[name])]
    assert moved

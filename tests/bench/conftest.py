from pathlib import Path

import pytest

TINY = Path(__file__).parents[1] / "training" / "recipes" / "tiny.yaml"


@pytest.fixture(scope="session")
def way():
    """A way to take the step of a tiny published recipe: `way("name", "train.seed=1", plain=True)`."""
    from efgan_kit.bench.worker import Way

    return lambda name, *overrides, **fields: Way(name, str(TINY), overrides, **fields)

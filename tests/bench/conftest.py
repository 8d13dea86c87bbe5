import sys
import types
from pathlib import Path

import pytest

TINY = Path(__file__).parents[1] / "training" / "recipes" / "tiny.yaml"


@pytest.fixture(autouse=True, scope="module")
def main_module():
    """Processes are spawned with what the main module was, which test runners may have none of."""
    sys.modules.setdefault("__main__", types.ModuleType("__main__"))


@pytest.fixture(scope="session")
def way():
    """A way to take the step of a tiny published recipe: `way("name", "train.seed=1", plain=True)`."""
    from efgan_kit.bench.worker import Way

    return lambda name, *overrides, **fields: Way(name, str(TINY), overrides, **fields)

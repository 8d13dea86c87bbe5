"""A small Ray cluster of this machine, for the tests of this folder."""

import os
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def cluster():
    """Its address. Its machines find the plugin."""
    ray = pytest.importorskip("ray")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(PLUGIN), str(PLUGIN.parents[1])]))
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # a change to come, which Ray would warn of
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")  # else a training waits for everything else that this machine does
        context = ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield context.address_info["gcs_address"]
    ray.shutdown()

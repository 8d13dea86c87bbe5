"""The launcher keeps the contract of its kind: by submitit's own executor for one machine, and on a cluster."""

import pytest

pytest.importorskip("submitit")

from efgan_kit.errors import EfganError
from efgan_kit.testing.conformance import Subject, checks_for


@pytest.fixture(autouse=True)
def installed(install):
    install("efgan-kit-slurm")


@pytest.mark.parametrize("check", checks_for("launcher"), ids=lambda check: check.__name__)
def test_the_launcher_keeps_the_contract(check):
    from efgan_kit_slurm.launcher import Slurm

    check(Subject("launcher", Slurm, {"executor": "local", "cpus": 1}))


@pytest.mark.proof
@pytest.mark.parametrize("check", checks_for("launcher"), ids=lambda check: check.__name__)
def test_the_launcher_keeps_the_contract_on_a_cluster(check):
    from efgan_kit_slurm.launcher import Slurm

    try:
        Slurm().prepare()
    except EfganError as error:
        pytest.skip(str(error))
    check(Subject("launcher", Slurm, {"cpus": 1, "memory": 1.0}))

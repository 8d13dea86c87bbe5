"""Studies on a Slurm cluster: the launcher `slurm`, on submitit."""

from efgan_kit.api import Register, hookimpl


@hookimpl
def efgan_components(register: Register) -> None:
    register("launcher", "slurm", "efgan_kit_slurm.launcher:Slurm", "Jobs of a Slurm cluster, through submitit")

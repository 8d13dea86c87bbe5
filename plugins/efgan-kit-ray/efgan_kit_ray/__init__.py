"""Studies on a Ray cluster: the launcher `ray`."""

from efgan_kit.api import Register, hookimpl


@hookimpl
def efgan_components(register: Register) -> None:
    register("launcher", "ray", "efgan_kit_ray.launcher:Ray", "Actors of a Ray cluster")

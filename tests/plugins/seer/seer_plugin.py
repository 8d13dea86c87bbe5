"""A plugin for the tests: it finds faces that are marked by coloured spots, and measures AUs of a colour."""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_components(register):
    register("landmarker", "seer", "seer_parts:Seer", "Finds faces by coloured spots")
    register("au-labeller", "seer", "seer_parts:SeerAUs", "Reads AUs off the blue of the nose")

"""Its component asks for what no loss term is given."""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_components(register):
    register("loss", "greedy", "target_greedy:Greedy", "Nothing good")


class Greedy:
    def __init__(self, moon): ...

"""A plugin for the tests, installed as a stranger's would be: small components of every kind."""

from pathlib import Path

from efgan_kit.api import hookimpl


@hookimpl
def efgan_components(register):
    here = "toy_components"
    register("graph", "toy-graph", f"{here}:ToyGraph", "One generator")
    register("generator", "toy-generator", f"{here}:ToyGenerator", "A convolution")
    register("generator", "toy-far", "toy_far:Far", "Needs a module that is not installed")
    register("generator", "toy-gone", "toy_plugin.gone:Gone", "Points to nothing")
    register("generator", "toy-misnamed", f"{here}:ToyGenerater", "Points to a misspelt class")
    register("generator", "toy-greedy", f"{here}:Greedy", "Asks for what no generator gets")
    register("discriminator", "toy-critic", f"{here}:ToyCritic", "A convolution")
    register("loss", "toy-l1", f"{here}:ToyL1", "Distance to the source")
    register("loss", "toy-adversarial", f"{here}:ToyAdversarial", "Teaches two players")
    register("loss", "toy-lost", f"{here}:ToyLost", "Asks for a value that no graph has")
    register("loss", "toy-idle", f"{here}:ToyIdle", "Teaches nobody")
    register("optimizer", "toy-sgd", f"{here}:toy_sgd", "Plain descent")
    register("schedule", "toy-constant", f"{here}:ToyConstant", "Always 1")
    register("dataset", "toy-faces", f"{here}:ToyFaces", "Grey pictures")
    register("metric", "toy-error", f"{here}:ToyError", "Mean difference")


@hookimpl
def efgan_recipes():
    return Path(__file__).parent / "recipes"

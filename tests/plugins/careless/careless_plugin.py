"""A plugin of components each of which breaks one contract, and of a good one."""

from pathlib import Path

from efgan_kit.api import hookimpl


@hookimpl
def efgan_recipes():
    return Path(__file__).parent / "careless_recipes"


@hookimpl
def efgan_components(register):
    register("generator", "good", "careless_generators:Good", "Keeps every contract")
    register("generator", "wrong-shape", "careless_generators:WrongShape", "Leaves out the last row")
    register("generator", "in-place", "careless_generators:InPlace", "Paints on the picture it was lent")
    register("generator", "detached", "careless_generators:Detached", "Its first layer never learns")
    register("generator", "seeding", "careless_generators:Seeding", "Seeds torch when it is made")
    register("generator", "seeding-numpy", "careless_generators:SeedingNumPy", "Seeds NumPy when it is made")
    register("generator", "unrepeatable", "careless_generators:Unrepeatable", "Draws from an unseeded generator")
    register("generator", "cuda-only", "careless_generators:CudaOnly", "Runs on one maker's devices")
    register("generator", "left-behind", "careless_generators:LeftBehind", "Keeps a tensor that does not move")
    register("generator", "pickled", "careless_generators:Pickled", "Keeps an object in its state")
    register("generator", "secretly-pickled", "careless_generators:SecretlyPickled", "Keeps a pickle in a tensor")
    register("generator", "forgetful", "careless_generators:Forgetful", "Counts outside its state")
    register("generator", "undocumented", "careless_generators:Undocumented", "Has a key without a word")
    register("generator", "untyped", "careless_generators:Untyped", "Has a key without a type")
    register("generator", "wrong-default", "careless_generators:WrongDefault", "Its default is not of its type")
    register("generator", "callable-key", "careless_generators:CallableKey", "Its key is nothing that YAML can hold")
    register("generator", "mutable-default", "careless_generators:MutableDefault", "Edits its own default")
    register("generator", "talkative", "careless_generators:Talkative", "Prints what it does")
    register("generator", "meddling", "careless_generators:Meddling", "Sets torch's default type")
    register("generator", "batch-mixing", "careless_generators:BatchMixing", "Compares a face with its batch")
    register("generator", "uncompilable", "careless_generators:Uncompilable", "Says that it compiles")
    register("generator", "Shouting_Name", "careless_generators:Good", "Not in form.")
    register("generator", "gone", "careless_generators:Gone", "Points to nothing")
    register("generator", "exiting", "careless_generators:Exiting", "Ends the process")
    register("generator", "misguided", "careless_generators:Misguided", "Its example is of other keys")
    register("dataset", "needs-a-root", "careless_others:NeedsARoot", "Has no example")
    register("dataset", "augmenting", "careless_others:Augmenting", "Another face each time")
    register("loss", "summing", "careless_others:Summing", "Grows with the batch")
    register("loss", "misspelt", "careless_others:Misspelt", "Asks for what is not there")
    register("loss", "half-detached", "careless_others:HalfDetached", "Half of its gradient is missing")
    register("discriminator", "once-differentiable", "careless_others:OnceDifferentiable", "Its gradient has none")
    register("optimizer", "hoarding", "careless_others:Hoarding", "Keeps objects in its state")
    register("metric", "tensorial", "careless_others:Tensorial", "Its figures are tensors")
    register("value", "whole-batch", "careless_others:whole_batch", "One number for all faces")
    register("value", "unmarked", "careless_others:unmarked", "Is not marked a value")
    register("value", "unshaped", "careless_others:unshaped", "Does not say its shape")
    register("command", "speechless", "careless_others:speechless", "Has no help")

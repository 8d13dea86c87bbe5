"""A plugin for the tests: it offers named values, a loss term that asks for one, and a command."""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_components(register):
    register("value", "change", "reach_parts:change", "What was edited")
    register("value", "change-size", "reach_parts:change_size", "How much was edited")
    register("value", "bent-flow", "reach_parts:bent_flow", "Made from what not every graph has")
    register("value", "bare", "reach_parts:bare", "Not marked as a value")
    register("loss", "little-change", "reach_parts:LittleChange", "Edit little")
    register("loss", "little-bending", "reach_parts:LittleBending", "Asks for a value that the graph can't make")
    register("loss", "little-bare", "reach_parts:LittleBare", "Asks for what is no value")
    register("command", "greet", "reach_commands:greet", "Say hello")
    register("command", "mumble", "reach_commands:mumble", "Not a command")
    register("command", "edit", "reach_commands:greet", "Not heard: it is a verb of efgan itself")

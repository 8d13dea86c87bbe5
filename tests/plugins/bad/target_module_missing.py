"""Points to a module that is not there."""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_components(register):
    register("loss", "lost", "target_module_missing.parts:Lost", "Nothing good")

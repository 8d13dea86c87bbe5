"""Requires a package that is not installed, and does not import it.

requires: moon-dust>=2
"""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_run_finished(run, summary): ...

"""Prints when it is imported."""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_run_finished(run, summary): ...


print("hello from the moon")

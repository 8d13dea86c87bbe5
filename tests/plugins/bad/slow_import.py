"""Sleeps when it is imported."""

import time

from efgan_kit.api import hookimpl


@hookimpl
def efgan_run_finished(run, summary): ...


time.sleep(0.4)

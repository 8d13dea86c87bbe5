"""Turns warnings and logging off, and sets a variable of the environment."""

import logging
import os
import warnings

from efgan_kit.api import hookimpl


@hookimpl
def efgan_run_finished(run, summary): ...


warnings.filterwarnings("ignore")
logging.disable(logging.ERROR)
os.environ["MOON"] = "full"

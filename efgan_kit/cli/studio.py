"""`efgan studio`: edit faces by hand, on a page in the browser."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
from pathlib import Path

import click

from efgan_kit.cli.listening import is_loopback, listen
from efgan_kit.cli.paths import GivenPath
from efgan_kit.errors import fail
from efgan_kit.registry.models import models


@click.command(short_help="Edit faces by hand, on a page in the browser.")
@click.argument("run", metavar="[RUN]", required=False, type=GivenPath(path_type=Path))
@click.option("--photos", type=GivenPath(path_type=Path, file_okay=False, exists=True), metavar="DIR",
              help="Offer the first photos of this folder, in place of the run's test faces.")  # fmt: skip
@click.option("--port", type=click.IntRange(1, 65535), metavar="N",
              help="The port; 7860 or the next free one if not given.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST",
              help="The address to listen on; the default is reached from this machine alone.")  # fmt: skip
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True,
              help="Where to compute.")  # fmt: skip
@click.option("--open/--no-open", "opens", default=None, help="Open a browser; by default where there is a desktop.")
def command(
    run: Path | None, photos: Path | None, port: int | None, host: str, device: str, opens: bool | None
) -> None:
    """Edit faces with RUN on a local web page: sliders for every action unit, expressions, before and after.

    RUN is a run's folder, an exported one, or an installed model's name. Without it, the newest run in the folder runs,
    or the installed model if there is just one. The page works on the run's own test faces, and on photos where
    something that finds faces is installed. Nothing leaves this machine: no telemetry, no other server is asked.
    Ctrl-C ends it.

    \b
    pip install 'efgan-kit[studio]'
    efgan studio runs/quickstart
    efgan studio runs/mine --port 8080 --no-open
    """
    if importlib.util.find_spec("gradio") is None:
        raise fail("efgan studio", "needs gradio, which is not installed", "pip install 'efgan-kit[studio]'")
    chosen = run or _newest(Path("runs")) or _installed()
    listening, local = listen(host, port), is_loopback(host)
    if not local:
        click.echo(f"warning: --host {host}: whoever reaches this machine over the network can use the page", err=True)
    click.echo(f"opening {chosen}: this takes some seconds", err=True)
    from efgan_kit.editing.studio.serving import serve
    from efgan_kit.editing.studio.shared import Shared

    def ready(address: str) -> None:
        click.echo(f"the studio is at {address} - Ctrl-C ends it")
        if opens or (opens is None and _has_desktop()):
            import webbrowser

            webbrowser.open(address)

    shared = Shared(chosen, device, photos)
    try:
        with contextlib.suppress(KeyboardInterrupt):  # the only way to end it, and no failure
            serve(shared, listening, ready, local=local)
    finally:
        shared.close()
    click.echo("the studio is closed", err=True)


def _newest(folder: Path) -> Path | None:
    """The run in a folder that was trained last."""
    runs = [path.parent for path in folder.glob("*/checkpoints") if any(path.iterdir())]
    return max(runs, key=lambda run: (run / "checkpoints").stat().st_mtime, default=None)


def _installed() -> Path:
    """The name of the only installed model. Raises EfganError if there is none, or several."""
    known = models()
    if len(known) == 1:
        return Path(known[0].name)
    what = "there is no run in the folder 'runs', and "
    if known:
        names = ", ".join(model.name for model in known)
        raise fail("RUN", f"{what}several models are installed", f"choose one of them: {names}")
    raise fail("RUN", f"{what}no model is installed", "name a run, or train one: efgan train quickstart")


def _has_desktop() -> bool:
    """Whether a browser is likely to open in a window of its own."""
    seen = sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return seen and sys.stdout.isatty()

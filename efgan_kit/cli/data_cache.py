"""`efgan data cache`: the faces that are kept on disk."""

from __future__ import annotations

import click

from efgan_kit.cli.output import print_json, print_table, say


@click.command("cache")
@click.option("--clear", is_flag=True, help="Remove the faces; whoever needs them makes them anew.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def command(clear: bool, as_json: bool) -> None:
    """Show or empty the cache of faces: those that were decoded from photographs or drawn, as their pixels.

    It lies in the folder faces of EFGAN_CACHE_DIR (~/.cache/efgan_kit). Its faces are found by the contents of their
    pictures, shared by all trainings, and limited by the data set's cache_gb. Emptying it costs time, nothing else.
    """
    from efgan_kit.components.datasets import kept
    from efgan_kit.components.datasets.face_cache import faces_folder

    folder, found = faces_folder(), kept.kept_faces()
    if clear:
        kept.clear()
    total = sum(one.bytes for one in found)
    if as_json:
        rows = [one.to_plain() for one in found]
        print_json({"folder": str(folder), "kept": rows, "bytes": total, "cleared": clear})
    elif clear:
        say(f"{folder}: emptied, {total / 1e6:.1f} MB")
    elif not found:
        say(f"{folder}: no faces are kept")
    else:
        say(f"{folder}: {total / 1e6:.1f} MB")
        shown = [
            (one.name, one.faces, f"{one.bytes / 1e6:.1f}", f"{one.used:%Y-%m-%d %H:00}" if one.used else "-")
            for one in found
        ]
        print_table(("kind-size", "faces", "MB", "last used, UTC"), shown, right=("faces", "MB"))

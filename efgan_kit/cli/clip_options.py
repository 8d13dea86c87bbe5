"""What `efgan edit` is given for clips, and what of it makes no sense together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from efgan_kit.cli.edit_options import Options

CLIPS: Final = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg"})
"""What is read as a clip."""
WRITTEN: Final = (".mp4", ".m4v", ".mov", ".mkv", ".webm")
"""What can be written as one."""
WISHES: Final = ("--au", "--expression", "--like", "--targets")

Nonsense = Iterator[tuple[str, str, str]]


def is_clip(word: str | Path) -> bool:
    """Whether a name is that of a clip."""
    return Path(word).suffix.lower() in CLIPS


def clip_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that only clips have, to be laid on the command."""
    for option in reversed(
        (
            click.option(
                "--hold",
                is_flag=True,
                help="Every frame of a clip gets the same AUs, and speech stands still in them. Without it, the change "
                "from the face's middle expression is added to each frame's own AUs.",
            ),
            click.option(
                "--ease",
                type=click.FloatRange(0, 60),
                default=0.0,
                metavar="SECONDS",
                help="A clip's edit comes and goes over so many seconds at its beginning and end.",
            ),
            click.option(
                "--quality",
                type=click.Choice(["source", "high", "lossless"]),
                help="Of a clip's pictures: as far as about the source's bits go, which is the default; as good as "
                "they look; or every bit of them.",
            ),
            click.option(
                "--no-smooth",
                is_flag=True,
                help="A clip's faces lie and are edited as each frame was measured: it flickers, for comparison.",
            ),
            click.option("--json", "as_json", is_flag=True, help="A clip's report as JSON."),
        )
    ):
        command = option(command)
    return command


def nonsense_of_clips(options: Options) -> Nonsense:
    """What is wrong with the options beside a clip."""
    clip = next(word for word in options.pictures if is_clip(word))
    if len(options.pictures) > 1:
        yield (clip, "a clip among other pictures", "edit each clip by itself")
    if options.which_faces == "list":
        for name in [*options.wishes, *(["--out"] if options.given_out else [])]:
            yield (name, "does not go with --faces list, which edits nothing", "leave it out")
        return
    if options.given_out is None:
        yield ("--out", "is missing", "say where the edited clip goes")
    elif options.given_out.suffix.lower() not in WRITTEN:
        yield (str(options.given_out), "is not the name of a clip", f"one of: {', '.join(WRITTEN)}")
    wishes = [name for name in options.wishes if name in WISHES]
    if len(wishes) != 1:
        what = f"{' and '.join(wishes)} exclude each other" if wishes else "nothing says what to edit to"
        yield ("efgan edit", what, f"give one of {', '.join(WISHES)}")
    if options.relative and not (options.au or options.expression):
        yield ("--relative", "goes with --au or --expression", "leave it out")
    changing = bool(options.targets) or (options.like is not None and is_clip(options.like))
    if options.hold and (options.relative or changing):
        other = "--relative, which moves with the face" if options.relative else "targets for each frame, which change"
        yield ("--hold", f"does not go with {other}", "leave one of them out")
    if options.intensity != 1 and changing:
        yield ("--intensity", "does not go with targets for each frame", "leave it out")
    others: dict[str, object] = {"--frames": options.frames, "--sweep": options.sweep, "--pairs": options.pairs}
    others |= {"--data": options.data, "--framing": options.framing == "whole"}
    for name in [name for name, value in others.items() if value]:
        yield (name, "does not go with a clip", "leave it out")


def nonsense_without_clips(options: Options) -> Nonsense:
    """What is wrong with options for clips where there is none."""
    given: dict[str, object] = {"--hold": options.hold, "--ease": options.ease, "--quality": options.quality}
    given |= {"--no-smooth": options.no_smooth, "--json": options.as_json}
    for name in [name for name, value in given.items() if value]:
        yield (name, "is for clips, and none is given", "leave it out")
    if options.given_out is not None and options.given_out.suffix.lower() in WRITTEN and not options.frames:
        yield (str(options.given_out), "is the name of a clip", "--frames N makes one of a photo's way to the edit")

"""From a clip and a wish to the edited clip."""

from __future__ import annotations

from pathlib import Path

import attrs
import numpy as np

from efgan_kit.editing.blending import SEAMLESS, Pasting
from efgan_kit.editing.editor import Editor
from efgan_kit.editing.video.changing import Asked
from efgan_kit.editing.video.choosing import chosen
from efgan_kit.editing.video.coding import Form, Quality
from efgan_kit.editing.video.editing import ClipReport, edit_clip
from efgan_kit.editing.video.following import Track, follow
from efgan_kit.editing.video.looking import Progress, Seen, Watcher, look
from efgan_kit.editing.video.reading import Clip, open_clip
from efgan_kit.editing.video.settling import REACH
from efgan_kit.editing.video.targets import LikeClip, Wish, ramped


@attrs.frozen(eq=False)
class Followed:
    """A clip whose faces are known.

    Attributes:
        clip: The file.
        seen: What was seen in it.
        tracks: Its faces, in the order of their numbers.
        smooth: Whether they were smoothed.
    """

    clip: Clip
    seen: Seen
    tracks: tuple[Track, ...]
    smooth: bool = True

    @property
    def warnings(self) -> list[str]:
        """What of the clip may surprise."""
        count, clip = len(self.seen.times), self.clip
        found: list[str] = []
        if clip.promised and count < 0.95 * clip.expected:
            found.append(f"{clip.path}: holds {count} of the {clip.expected} frames that it speaks of: it is cut short")
        return found


def silent(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def follow_clip(
    path: Path, watcher: Watcher, *, level: bool, smooth: bool = True, progress: Progress = silent
) -> Followed:
    """Look at a whole clip and follow its faces.

    Args:
        watcher: Says which faces a frame has.
        level: Frames are turned with the head, as the run's training faces were.
        smooth: Without, faces lie and are measured as they were found, for comparisons.

    Raises:
        EfganError: The clip can't be read, or has no faces.
    """
    clip = open_clip(path)
    seen = look(clip, watcher, progress)
    return Followed(clip, seen, tuple(follow(seen, level=level, smooth=smooth)), smooth)


def edit_followed(
    editor: Editor,
    followed: Followed,
    wish: Wish,
    out: Path,
    *,
    which: str = "largest",
    ease: float = 0.0,
    quality: Quality = "source",
    pasting: Pasting = SEAMLESS,
    steps: int | None = None,
    keep_tags: bool = True,
    edited_by: str = "",
    progress: Progress = silent,
) -> ClipReport:
    """Edit chosen faces of a clip and write it to `out`, with its sound.

    Args:
        which: As in `chosen`.
        ease: Seconds over which the edit comes at the clip's beginning and goes at its end.
        quality: How the pictures are coded.
        pasting: How edits are put back.
        steps: As in `Editor`.
        keep_tags: Whether the clip's metadata are kept.
        edited_by: What the file says of the edit, in its comment.

    Raises:
        EfganError: There is no such face, or the file can't be written.
    """
    times = followed.seen.times
    asked: list[Asked] = []
    for track in chosen(followed.tracks, followed.seen, which, str(followed.clip.path)):
        now = times[track.first : track.first + len(track)]
        targets = wish.targets(track.aus, track.first, now)
        asked.append(Asked(track, ramped(track.aus, targets, now, (times[0], times[-1]), ease)))
    return edit_clip(
        editor,
        followed.clip,
        asked,
        out,
        form=Form.of(followed.clip, quality),
        progress=progress,
        total=len(times),
        pasting=pasting,
        steps=steps,
        reach=REACH if followed.smooth else 0.0,
        tags=_tags(followed.clip, keep_tags, edited_by),
    )


def _tags(clip: Clip, keep: bool, edited_by: str) -> dict[str, str]:
    tags = {key.lower(): value for key, value in clip.tags.items()} if keep else {}
    said = [text for text in (tags.get("comment", ""), edited_by) if text]
    return {**tags, **({"comment": "; ".join(said)} if said else {})}


def like_clip(followed: Followed) -> LikeClip:
    """The wish to do what the largest face of a clip does. Raises EfganError if there is none."""
    tracks = chosen(followed.tracks, followed.seen, "largest", str(followed.clip.path))
    times = [followed.seen.times[track.first : track.first + len(track)] for track in tracks]
    return LikeClip(np.concatenate(times), np.concatenate([track.aus for track in tracks]))

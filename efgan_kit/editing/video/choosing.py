"""Which faces of a clip are edited."""

from __future__ import annotations

from collections.abc import Sequence

from efgan_kit.editing.video.following import Track
from efgan_kit.editing.video.looking import Seen
from efgan_kit.errors import fail


def chosen(tracks: Sequence[Track], seen: Seen, which: str, where: str) -> list[Track]:
    """The tracks that are meant.

    Args:
        which: `largest`: of each shot, the face that takes up most of it; `all`; or numbers such as `1,3`.
        where: Whom to blame.

    Raises:
        EfganError: There is no such track.
    """
    if not tracks:
        what = "no face stays long enough to be followed"
        raise fail(where, what, "a face is found from the front, and not too small")
    if which == "all":
        return list(tracks)
    if which == "largest":
        shots = [[track for track in tracks if track.first in shot] for shot in seen.shots]
        return [max(shot, key=lambda track: track.size) for shot in shots if shot]
    numbers = sorted({int(word) for word in which.split(",")})
    missing = [number for number in numbers if number > len(tracks)]
    if missing:
        count = "1 face was" if len(tracks) == 1 else f"{len(tracks)} faces were"
        raise fail(where, f"{count} followed, and none has the number {missing[0]}", "--faces list shows them")
    return [tracks[number - 1] for number in numbers]

"""From a folder of any photos to a photo folder, to be interrupted and gone on with at any moment."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs

from efgan_kit.errors import EfganError, Fault, fail
from efgan_kit.files import write_atomically, writing
from efgan_kit.preparation.finding import FaceFinder
from efgan_kit.preparation.gathering import Gathered, Skipped, gather
from efgan_kit.preparation.labelling import Labelled, labelled, to_labels_csv
from efgan_kit.preparation.one_picture import FACES, PARTS, THUMBNAILS
from efgan_kit.preparation.outcomes import Journal, Outcome
from efgan_kit.preparation.people import Naming, unknown_in
from efgan_kit.preparation.plan import Plan
from efgan_kit.preparation.warnings import warnings_of
from efgan_kit.preparation.working import prepare_pictures

try:
    import fcntl
except ImportError:  # Windows has none: nobody else is noticed there.
    fcntl = None  # type: ignore[assignment]

Progress = Callable[[str, int, int], None]


@attrs.frozen
class PreparedFolder:
    """A folder that is ready.

    Attributes:
        plan: How it was made.
        faces: What is in it, in the order of its labels.
        outcomes: What became of every picture that was looked at.
        skipped: Every picture and face that is not there, and why.
        warnings: A sentence each.
        units: The AUs that were measured.
        blind: The AUs that can't be, with the reasons.
    """

    plan: Plan
    faces: Sequence[Labelled]
    outcomes: Sequence[Outcome]
    skipped: Sequence[Skipped]
    warnings: Sequence[str]
    units: Sequence[str]
    blind: dict[str, str]

    @property
    def report(self) -> Path:
        return self.plan.out / "report.html"


def prepare_folder(
    plan: Plan, named: Naming, *, jobs: int = 1, progress: Progress = lambda what, done, total: None, where: str = ""
) -> PreparedFolder:
    """Look at every picture, and write the faces, `labels.csv`, `preparation.json` and `report.html`.

    Pictures that can't be used are reasons in the report, and the others go on. Called again after an interruption,
    with any number of jobs, it goes on, and the folder is the same as without one; new pictures are added, and the
    faces of pictures that are gone are removed.

    Args:
        plan: What is asked.
        named: Whose faces they are; may differ from time to time.
        jobs: Processes.
        progress: Called with what is being done, how much is done and how much there is.
        where: Whom to blame for parts that aren't there.

    Raises:
        EfganError: The photos or the folder can't be used, parts can't be made, or no face at all was found.
    """
    plan.check()
    with FaceFinder(plan.preparation, where) as finder:  # before anything is written
        units, blind = finder.units, dict(finder.blind)
    gathered = gather(plan.photos, plan.out, progress)
    if not gathered.digests:
        raise _nothing_to_look_at(plan, gathered)
    plan.begin()
    with _alone_at(plan):
        outcomes = _outcomes(plan, gathered.digests, jobs, progress, where)
        _tidy(plan, outcomes)
        faces = labelled(outcomes, named)
        skipped = [*gathered.skipped, *(Skipped(o.picture, why) for o in outcomes for why in o.skipped)]
        skipped.sort(key=lambda entry: entry.name)
        warnings = warnings_of(faces, blind, plan.preparation.labeller.use)
        if strangers := unknown_in(named, gathered.digests):
            warnings.append(f"--person speaks of {len(strangers)} pictures that are not there, first {strangers[0]}")
        prepared = PreparedFolder(plan, faces, outcomes, skipped, warnings, units, blind)
        _write(prepared)
    if not faces:
        hint = f"{prepared.report} says why for each: {skipped[0].name}: {skipped[0].why}"
        raise fail(str(plan.photos), f"of {len(outcomes)} pictures no face could be prepared", hint)
    return prepared


def _outcomes(plan: Plan, digests: dict[str, str], jobs: int, progress: Progress, where: str) -> list[Outcome]:
    """What became of every picture, in their order; only what is not known from before is done."""
    journal = Journal(plan.work / "journal.jsonl")
    known = {
        name: outcome
        for name, outcome in journal.read().items()
        if digests.get(name) == outcome.digest and _is_whole(plan, outcome)
    }
    left = {name: digest for name, digest in digests.items() if name not in known}
    progress("looking for faces", len(known), len(digests))
    for outcome in prepare_pictures(plan, left, min(jobs, max(1, len(left))), where):
        journal.add(outcome)
        known[outcome.picture] = outcome
        progress("looking for faces", len(known), len(digests))
    outcomes = [known[name] for name in digests]
    journal.settle(outcomes)
    return outcomes


def _is_whole(plan: Plan, outcome: Outcome) -> bool:
    """Whether the files of an outcome are there."""
    files = [plan.out / face.image for face in outcome.faces]
    files += [plan.work / outcome.thumbnail] if outcome.thumbnail else []
    return all(file.is_file() for file in files)


def _tidy(plan: Plan, outcomes: Sequence[Outcome]) -> None:
    """Remove what no outcome speaks of: faces of pictures that are gone, and files that were never finished."""
    spoken = {plan.out / face.image for outcome in outcomes for face in outcome.faces}
    spoken |= {plan.work / outcome.thumbnail for outcome in outcomes if outcome.thumbnail}
    with writing(plan.out):
        shutil.rmtree(plan.work / PARTS, ignore_errors=True)
        for folder in (plan.out / FACES, plan.work / THUMBNAILS):
            for file in folder.iterdir() if folder.is_dir() else []:
                if file not in spoken:
                    file.unlink()


def _write(prepared: PreparedFolder) -> None:
    from efgan_kit.preparation.report import to_html

    out = prepared.plan.out
    page = to_html(prepared).encode("utf-8", "replace")
    prepared.plan.preparation.write(out)
    with writing(out):
        write_atomically(prepared.report, page)
        write_atomically(out / "labels.csv", to_labels_csv(prepared.faces))


def _nothing_to_look_at(plan: Plan, gathered: Gathered) -> EfganError:
    reasons = [Fault(f"{plan.photos}/{entry.name}", entry.why) for entry in gathered.skipped[:5]]
    hint = "JPEG, PNG, BMP, WebP and TIFF are read"
    return EfganError(Fault(str(plan.photos), "there is no picture that can be looked at", hint), *reasons)


@contextlib.contextmanager
def _alone_at(plan: Plan) -> Iterator[None]:
    """Within, no other process prepares the same folder."""
    with writing(plan.work):
        file = (plan.work / "lock").open("ab")
    with file:
        try:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            what = "another process is preparing this folder"
            raise fail(str(plan.out), what, "wait for it, or end it") from None
        yield

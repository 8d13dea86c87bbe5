"""What happens when a part of the page is touched: something is done to the session, and the page shows it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any, Final

import gradio as gr

from efgan_kit.editing.studio import markup
from efgan_kit.editing.studio.page import Parts
from efgan_kit.editing.studio.session import Session
from efgan_kit.editing.studio.shared import Shared
from efgan_kit.errors import EfganError, Fault

OUR_FAULT: Final = "That is a fault of efgan: the terminal where the studio runs says more."

Act = Callable[..., None]


def answer(parts: Parts, shared: Shared, sessions: dict[str, Session]) -> None:
    """Make the page answer.

    Args:
        sessions: Filled with the visitors' sessions by their keys, and emptied as they leave.
    """
    kept = [parts.stage, parts.notice, parts.takeaway, parts.inside, parts.faces, parts.examples, parts.presets]
    kept.append(parts.command)
    controls = [parts.board, parts.limits]

    def arrive() -> list[Any]:
        session = Session(shared)
        sessions[session.key] = session
        said = tried(session.open_example, 0) if shared.examples else ""
        return [session, *_shown(session, said), *_controls(session), markup.examples(session, kind="likes")]

    def leave(session: Session | None) -> None:
        if session is not None:
            sessions.pop(session.key, None)

    with parts.page:
        state = gr.State(None, delete_callback=leave)
        parts.page.load(
            arrive, None, [state, *kept, *controls, parts.likes], show_progress="hidden", api_visibility="private"
        )

        def on(event: Callable[..., Any], act: Act, *inputs: Any, moves_sliders: bool = True, drop: Any = None) -> None:
            """Do `act` to the session when something happens.

            Args:
                act: Takes the session, and the inputs' values or what the part's script says.
                moves_sliders: The sliders are set to what became of them.
                drop: Emptied afterwards, ready for the next picture.
            """

            def acted(session: Session, *given: Any) -> list[Any]:
                said = tried(act, session, *given)
                moved = [] if not moves_sliders else [gr.skip()] * len(controls) if said else _controls(session)
                return [*_shown(session, said), *moved, *([None] if drop else [])]

            def told(session: Session, event: gr.EventData) -> list[Any]:
                return acted(session, event._data)

            event(
                acted if inputs else told,
                [state, *inputs],
                [*kept, *(controls if moves_sliders else []), *([drop] if drop else [])],
                show_progress="full" if drop else "hidden",
                trigger_mode="always_last",
                api_visibility="private",
            )

        on(parts.photo.input, _open, parts.photo, drop=parts.photo)
        on(parts.examples.picked, lambda session, said: session.open_example(int(said["pick"])))
        on(parts.faces.picked, lambda session, said: session.choose(int(said["pick"])))
        on(parts.presets.picked, lambda session, said: session.express(str(said["pick"])))
        on(parts.board.moved, lambda session, said: session.move(said["units"]), moves_sliders=False)
        on(parts.likes.picked, lambda session, said: session.resemble(shared.example(int(said["pick"])).faces[0]))
        on(parts.like.input, _resemble, parts.like, drop=parts.like)
        on(parts.limits.reset, lambda session, said: session.reset())
        on(parts.limits.limited, lambda session, said: session.limit(**said), moves_sliders=False)


def _open(session: Session, dropped: tuple[str, str] | None) -> None:
    if dropped is not None:
        session.open_file(*dropped)


def _resemble(session: Session, dropped: tuple[str, str] | None) -> None:
    if dropped is not None:
        session.resemble_file(*dropped)


def tried(act: Act, *given: Any) -> str:
    """Do something; what went wrong, in a sentence, or nothing."""
    try:
        act(*given)
    except EfganError as error:
        return " ".join(sentence(fault) for fault in error.faults)
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return OUR_FAULT
    return ""


def sentence(fault: Fault) -> str:
    """A fault as a visitor reads it: `anna.jpg is not a readable picture: the format is not known.`"""
    begins = fault.what.partition(" ")[0] in ("is", "has", "holds", "may", "can't")
    what = f"{fault.where} {fault.what}" if begins and fault.where else f"{fault.what[:1].upper()}{fault.what[1:]}"
    return f"{what}; {fault.hint}." if fault.hint else f"{what}."


def _shown(session: Session, said: str) -> list[str]:
    """The parts that show what became of the session; a stage that is told again has nothing to wait for."""
    session.turn += bool(said)
    return [
        markup.stage(session),
        markup.notice(said),
        markup.takeaway(session),
        markup.inside(session),
        markup.faces(session),
        markup.examples(session),
        markup.presets(session),
        markup.command(session),
    ]


def _controls(session: Session) -> list[Any]:
    return [markup.board(session), markup.limits(session)]

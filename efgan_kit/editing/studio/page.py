"""The page: its parts, and where they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import attrs
import gradio as gr

from efgan_kit.editing.studio import markup
from efgan_kit.editing.studio.shared import Shared

LOOKS: Final = Path(__file__).parent / "looks"

YOURS: Final = "Your photo: drop it, choose it, or take one"

PICKS: Final = 'window.studio.picks(element, said => trigger("picked", said))'
BOARD: Final = 'window.studio.board(element, said => trigger("moved", said), watch)'
STAGE: Final = "window.studio.stage(element, watch)"
TAKEAWAY: Final = "window.studio.takeaway(element)"
LIMITS: Final = (
    'window.studio.limits(element, said => trigger("limited", said), () => trigger("reset", {}), watch)'
)
COMMAND: Final = "window.studio.command(element)"


@attrs.frozen(eq=False)
class Parts:
    """The page's parts that change or are touched."""

    page: gr.Blocks
    stage: gr.HTML
    notice: gr.HTML
    takeaway: gr.HTML
    photo: gr.Image
    examples: gr.HTML
    faces: gr.HTML
    inside: gr.HTML
    presets: gr.HTML
    limits: gr.HTML
    board: gr.HTML
    like: gr.Image
    likes: gr.HTML
    command: gr.HTML


def lay_out(shared: Shared, *, local: bool) -> Parts:
    """The page of an open run, not yet answering.

    Args:
        local: It is for this machine alone, and says so.
    """
    finds = shared.finder is not None
    about = f"a cascade of {shared.modules} modules" if shared.modules > 1 else "a single EF-GAN"
    about += f", {shared.editor.faces.size} pixels, {len(shared.editor.aus)} action units"
    with gr.Blocks(analytics_enabled=False, title="efgan studio", fill_width=True, delete_cache=(600, 3600)) as page:
        gr.HTML(markup.heading(shared.run.name, about, local=local), apply_default_css=False)
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=5, min_width=320, elem_id="picture"):
                stage = _part("stage", STAGE)
                notice = _part("notice")
                takeaway = _part("takeaway", TAKEAWAY)
                photo = _drop("photo", YOURS, ["upload", "webcam"], visible=finds)
                if not finds:
                    text = f"Photos of your own need something that finds faces: {shared.without_finder}."
                    gr.HTML(markup.notice(text, "hint"), apply_default_css=False)
                faces = _part("faces", PICKS)
                examples = _part("examples", PICKS)
                with gr.Accordion("How it came about: steps and attention", open=False, elem_id="inside-box"):
                    inside = _part("inside")
            with gr.Column(scale=6, min_width=320, elem_id="controls"):
                presets = _part("presets", PICKS)
                limits = _part("limits", LIMITS)
                board = _part("board", BOARD)
                with gr.Accordion("The expression of another face", open=False, elem_id="like-box"):
                    like = _drop("like", "Drop a photo of it, or choose it", ["upload"], visible=finds)
                    likes = _part("likes", PICKS)
                command = _part("command", COMMAND)
    return Parts(
        page, stage, notice, takeaway, photo, examples, faces, inside, presets, limits, board, like, likes, command
    )


def theme() -> gr.themes.Base:
    """gradio's plainest in the studio's colours, with the fonts that are there: none is fetched."""
    return gr.themes.Base(
        primary_hue="orange",
        neutral_hue="slate",
        radius_size="lg",
        font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"],
        font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
    )


def head() -> str:
    """The page's own script and style: gradio's way for styles narrows what they reach."""
    script, style = ((LOOKS / name).read_text(encoding="utf-8") for name in ("page.js", "page.css"))
    return f"<script>{script}</script>\n<style>{style}</style>"


def _part(name: str, script: str | None = None) -> gr.HTML:
    return gr.HTML("", js_on_load=script, apply_default_css=False, elem_id=name)


def _drop(name: str, label: str, sources: list[Any], *, visible: bool) -> gr.Image:
    """A drop zone for a picture, and a camera. Its value is the file's path and name, whatever is in the file.

    gradio by itself decodes the file first, and answers one that is no picture with a traceback. This is no subclass:
    gradio writes a file of type hints beside the module of one.
    """
    drop: Any = gr.Image(
        type="filepath", sources=sources, label=label, height=150, buttons=[], elem_id=name, visible=visible
    )
    drop.preprocess = as_it_is
    return drop


def as_it_is(dropped: Any) -> tuple[str, str] | None:
    """An uploaded file's path, and the name that the visitor knows it by."""
    return None if dropped is None else (dropped.path, dropped.orig_name or "")

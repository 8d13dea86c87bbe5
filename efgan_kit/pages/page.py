"""One page of HTML that holds everything: it opens from a disk, a mail or an archive, without a network or a script."""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal

import attrs

from efgan_kit.pages.tables import Table

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE: Final = "page.html.j2"
_TYPES: Final = {"png": "image/png", "svg": "image/svg+xml"}


@attrs.frozen
class Picture:
    """A picture on the page.

    Attributes:
        content: The file's bytes.
        caption: Below the picture.
        alt: What it shows, for those who don't see it; the title if empty.
    """

    title: str
    content: bytes
    kind: Literal["png", "svg"]
    caption: str = ""
    alt: str = ""

    @property
    def source(self) -> str:
        """The picture as an address. Thus an SVG is a picture and nothing else: its scripts don't run."""
        return f"data:{_TYPES[self.kind]};base64,{base64.b64encode(self.content).decode('ascii')}"


@attrs.frozen
class Section:
    """A part of the page, with an entry in its contents.

    Attributes:
        text: Paragraphs.
        details: Titles and preformatted texts, folded away until asked for.
    """

    title: str
    text: Sequence[str] = ()
    tables: Sequence[Table] = ()
    pictures: Sequence[Picture] = ()
    details: Sequence[tuple[str, str]] = ()


@attrs.frozen
class Page:
    """What a page says.

    Attributes:
        about: A sentence below the title.
        facts: Names and values at the page's head.
    """

    title: str
    about: str = ""
    facts: Sequence[tuple[str, str]] = ()
    sections: Sequence[Section] = ()


def render_page(page: Page) -> str:
    """The page as HTML; all of its texts are shown as they stand, none is markup."""
    return _template().render(page=page)


@functools.cache
def _template() -> Template:
    # Imported here: commands that write no page need not wait for it.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("efgan_kit.pages", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["unbroken"] = _unbroken
    return environment.get_template(TEMPLATE)


def _unbroken(cell: str) -> str:
    """A cell whose intervals are not broken in two where it is narrow."""
    return re.sub(r"\[[^\[\]]*\]", lambda interval: interval[0].replace(" ", "\N{NO-BREAK SPACE}"), cell)

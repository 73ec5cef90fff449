"""Read an HTML mail as a person would see it: as lines of text.

lxml's C parser tells of tags and text as it meets them; no tree is built, because libxml2 needs
quadratic time to hang 30,000 attributes into one (0.9 s measured, against 0.01 s), and cuts a tree
at 256 levels. What bounds the work: `CHARACTERS` of input and `DEPTH` open elements (libxml2 seeks
every closing tag among them). Python's html.parser and html2text are never used: 75 KB of `<a `
keep them busy for half a minute.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, cast

from lxml import etree

if TYPE_CHECKING:
    from lxml.etree import ParserTarget

CHARACTERS = 262_144
DEPTH = 500
_LONGEST = 2_000
_PIECE = 4_096

_UNREAD = frozenset(
    ["head", "script", "style", "title", "template", "object", "applet", "frameset", "iframe"]
)
_PARAGRAPHS = frozenset(
    [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "table",
        "ul",
        "ol",
        "dl",
        "pre",
        "hr",
        "section",
        "article",
        "form",
    ]
)
_LINES = frozenset(
    [
        "div",
        "tr",
        "li",
        "dt",
        "dd",
        "center",
        "address",
        "header",
        "footer",
        "main",
        "aside",
        "nav",
        "figure",
        "caption",
        "fieldset",
        "body",
    ]
)
_CELLS = frozenset(("td", "th"))
_BREAKING = _PARAGRAPHS | _LINES | _CELLS
_ENDING = _BREAKING | {"br"}
_SPECIAL = _UNREAD | {"blockquote", "pre"}
_HIDING = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|mso-hide:all"
    r"|(?:opacity|font-size|max-height):(?:0+(?:\.0+)?|\.0+)[a-z%]{0,4})(?:!important)?(?:;|$)"
)
_PREFORMATTED = re.compile(r"(?:^|;)white-space:(?:pre|break-spaces)")
_QUOTE_CLASSES = frozenset(
    [
        "gmail_quote",
        "yahoo_quoted",
        "protonmail_quote",
        "tutanota_quote",
        "zmail_extra",
        "moz-cite-prefix",
    ]
)
_QUOTED_FROM_HERE = frozenset(
    (
        "divrplyfwdmsg",
        "appendonsend",
        "olk_src_body_section",
        "mail-editor-reference-message-container",
    )
)
_UNSEEN = dict.fromkeys(
    (
        *range(0x20),
        *range(0x7F, 0xA0),
        *(0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF),
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
    )
)


def html_to_text(data: str) -> str:
    """The visible text, a line for each line seen, an empty one between paragraphs.

    Quoted mails are marked with "> " at each line. Never raises; of markup that cannot be read,
    what was understood so far is returned. At most `CHARACTERS` of `data` are looked at.
    """
    page = _Page()
    clean = data[:CHARACTERS].replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    target = cast("ParserTarget[None]", page)
    parser = etree.HTMLParser(target=target, encoding="utf-8", huge_tree=False)
    try:
        for begin in range(0, len(clean), _PIECE):
            parser.feed(clean[begin : begin + _PIECE])
            if page.depth > DEPTH:
                break
        parser.close()
    except (etree.LxmlError, ValueError, AssertionError, MemoryError):
        pass  # the lines so far are what there is to read
    return page.text()


class _Place(NamedTuple):
    """What holds for the text in the innermost open element."""

    hidden: bool = False
    quoted: bool = False
    preformatted: bool = False


class _Page:
    """What lxml tells its parse events to."""

    def __init__(self) -> None:
        self._here = _Place()
        self._outer: list[_Place] = []
        self._blockquotes = 0
        self._rest_quoted = False
        self._pieces: list[str] = []
        self._lines: list[str] = []

    @property
    def depth(self) -> int:
        return len(self._outer)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _BREAKING:
            self._boundary(tag)
        self._outer.append(self._here)
        if attributes or tag in _SPECIAL:
            self._enter(tag, attributes)

    def end(self, tag: str) -> None:
        if tag in _ENDING:
            self._boundary(tag)
        if not self._outer:
            return
        inner, self._here = self._here, self._outer.pop()
        if inner.quoted and not self._here.quoted:
            self._line(inner)
        if tag == "blockquote":
            self._blockquotes -= 1
            # Gmail puts an answer written below the quote into the quote's own element.
            if not self._blockquotes:
                self._here = self._here._replace(quoted=False)

    def data(self, text: str) -> None:
        if self._here.hidden:
            return
        if not self._here.preformatted:
            self._pieces.append(text)
            return
        first, *others = text.split("\n")
        self._pieces.append(first)
        for line in others:
            self._line(self._here, even_if_empty=True)
            self._pieces.append(line)

    def close(self) -> None:
        """The parser asks for this at the end."""

    def text(self) -> str:
        """The lines, with one empty line where there were several."""
        self._line(self._here)
        kept: list[str] = []
        for line in self._lines:
            if line or (kept and kept[-1]):
                kept.append(line)
        return "\n".join(kept).strip()

    def _enter(self, tag: str, attributes: dict[str, str]) -> None:
        style = "".join(attributes.get("style", "")[:_LONGEST].lower().split())
        quoted = _is_quote(tag, attributes)
        begins_rest = _begins_quoted_rest(attributes)
        if quoted or begins_rest:
            self._line(self._here)
        self._blockquotes += tag == "blockquote"
        self._rest_quoted = self._rest_quoted or begins_rest
        self._here = _Place(
            hidden=self._here.hidden or _is_hidden(tag, attributes, style),
            quoted=self._here.quoted or quoted,
            preformatted=self._here.preformatted or tag == "pre" or _is_preformatted(style),
        )

    def _boundary(self, tag: str) -> None:
        """A tag that a person sees as a gap: between cells, lines or paragraphs."""
        if self._here.hidden:
            return
        if tag in _CELLS:
            self._pieces.append(" ")
            return
        self._line(self._here, even_if_empty=tag == "br")
        if tag in _PARAGRAPHS:
            self._lines.append("")

    def _line(self, place: _Place, even_if_empty: bool = False) -> None:
        """End the line, if there is one."""
        words = " ".join("".join(self._pieces).split()).translate(_UNSEEN).strip()
        self._pieces.clear()
        if words:
            self._lines.append(f"> {words}" if place.quoted or self._rest_quoted else words)
        elif even_if_empty:
            self._lines.append("")


def _is_hidden(tag: str, attributes: dict[str, str], style: str) -> bool:
    return tag in _UNREAD or "hidden" in attributes or bool(style and _HIDING.search(style))


def _is_preformatted(style: str) -> bool:
    return bool(style and _PREFORMATTED.search(style))


def _is_quote(tag: str, attributes: dict[str, str]) -> bool:
    classes = attributes.get("class", "")[:_LONGEST]
    return tag == "blockquote" or not _QUOTE_CLASSES.isdisjoint(classes.split())


def _begins_quoted_rest(attributes: dict[str, str]) -> bool:
    """Outlook marks where the mail begins that is answered; it goes on to the end."""
    return attributes.get("id", "")[:100].lower().removeprefix("x_") in _QUOTED_FROM_HERE

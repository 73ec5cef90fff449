"""Show the demo on a terminal, or plainly where there is none."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import NamedTuple

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from kitchenwall.demo.proofs import Proof
from kitchenwall.demo.story import Seen
from kitchenwall.domain.journal import Event

WIDEST = 92
BROKEN = "A broken mail"


@dataclass(frozen=True, slots=True)
class Access:
    """What a mail client must know to look into the mailbox."""

    host: str
    port: int
    user: str
    password: str
    name: str
    address: str


class _Column(NamedTuple):
    """A column of the journal, and how wide the window must be for it."""

    title: str
    cell: Callable[[Event], Text]
    from_width: int = 0


@dataclass(frozen=True, slots=True)
class _Look:
    """How a mail that became this is shown: its mark, its colour, and what is said of it."""

    mark: str
    style: str
    words: str


_LOOKS = {
    "draft": _Look("●", "cyan", "a no, and it can be answered: a draft is laid"),
    "note": _Look("●", "blue", "a no, noted without a draft"),
    "hold": _Look("●", "magenta", "a no, but its draft waits for your word"),
    "ask": _Look("?", "yellow", "perhaps a no: you are asked"),
    "unreadable": _Look("✕", "red", "cannot be read: set aside, and its neighbours go on"),
    "nothing": _Look("○", "dim", "no rejection: left alone"),
}
# These are told with their reason: something was not done, and the person may wonder why.
_REASONED = ("note", "hold", "unreadable")
_SO_FAR = {
    "draft": "draft laid",
    "note": "noted",
    "hold": "held for you",
    "ask": "you are asked",
    "unreadable": "set aside",
}


class Show:
    """Everything that the demo says. Without a terminal there is neither colour nor a pause.

    `program` is how the person calls this program; `pace` makes the pauses longer or shorter, and
    0 leaves them out.
    """

    def __init__(
        self, program: str = "kitchenwall", console: Console | None = None, pace: float = 1.0
    ) -> None:
        self._program = program
        self._out = console or Console(highlight=False, emoji=False)
        self._out.width = min(self._out.width, WIDEST)
        self._pace = pace if self._out.is_terminal else 0.0

    def opening(self) -> None:
        """What is going to happen."""
        self._line()
        self._line("Kitchenwall, on an invented mailbox", "bold")
        self._line(
            "A mail server inside this process, the real daemon, and invented mail. Nothing of "
            "yours is read or written, and nothing leaves this machine."
        )

    def chapter(self, words: str) -> None:
        """A heading."""
        self._line()
        self._print(Rule(Text(words, "bold"), align="left", style="dim"))
        self._pause(0.4)

    def mail(self, seen: Seen, took: str = "") -> None:
        """A mail, what it is, the sentence that says so, and how long that took."""
        look = _LOOKS[seen.event.kind if seen.event else "nothing"]
        sender, subject = _envelope(seen)
        head = Text.assemble((sender, "bold"), ("  ", ""), (subject, ""))
        lines = [head, Text(f"{look.words}{_reason(seen.event)}", look.style)]
        if seen.event and seen.event.sentence:
            lines.append(Text(f"“{seen.event.sentence.strip(chr(34))}”", "italic"))
        if took:
            lines.append(Text(took, "dim"))
        self._line()
        self._marked(Text(look.mark, look.style), *lines)
        self._pause(0.15)

    def draft(self, data: bytes) -> None:
        """A draft as a mail client shows it."""
        mail = message_from_bytes(data, policy=policy.default)
        body = mail.get_body(("plain",))
        head = Table.grid(padding=(0, 2))
        head.add_column(style="dim")
        head.add_column(overflow="fold")
        for name in ("From", "To", "Subject"):
            head.add_row(name, Text(str(mail[name]), "bold" if name == "Subject" else ""))
        text = Text(str(body.get_content()).strip() if body else "", overflow="fold")
        self._line()
        self._print(
            Panel(
                Group(head, Rule(style="dim"), text),
                title=Text("Drafts", "cyan"),
                title_align="left",
                border_style="cyan",
                box=ROUNDED,
                padding=(0, 2),
            )
        )
        self._pause(0.35)

    def journal(self, events: Sequence[Event]) -> None:
        """The journal as it is now, and what it would ask the person."""
        self.chapter("what the journal holds")
        columns = [column for column in _COLUMNS if self._out.width >= column.from_width]
        table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
        for column in columns:
            table.add_column(column.title, overflow="fold")
        for event in events:
            table.add_row(*(column.cell(event) for column in columns))
        self._print(table)
        for event in events:
            if event.kind == "ask":
                self._line(f"You would be asked whether {_whose(event)} mail was a no:", "yellow")
                self._command(f"kitchenwall journal answer {event.id} yes|no")
            elif event.kind == "hold":
                self._line(
                    f"The draft to {_whose(event)} mail would wait for your word:", "magenta"
                )
                self._command(f"kitchenwall journal resolve {event.id} lay|drop")

    def proofs(self, proofs: Sequence[Proof], seconds: float) -> None:
        """What was promised, and whether it held."""
        self.chapter("looked up on the server, over a connection of its own")
        for proof in proofs:
            mark = Text("✓", "green") if proof.holds else Text("✕", "bold red")
            self._marked(mark, Text(proof.words if proof.holds else f"not so: {proof.words}"))
        self._line(f"All of it took {seconds:.1f} seconds.", "dim")

    def farewell(self) -> None:
        """How to start for real."""
        self._line()
        self._line("Two commands begin it for real; your name and your server go into the file:")
        self._command(
            "mkdir -p ~/.config/kitchenwall && "
            f"{self._program} config example > ~/.config/kitchenwall/config.toml"
        )
        self._command(f"{self._program} service install")
        self._line("To look around in this mailbox with a mail client:")
        self._command(f"{self._program} demo --keep")
        self._line()

    def kept(self, access: Access) -> None:
        """How a mail client connects."""
        self.chapter("it stays until you press Ctrl-C")
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim")
        for name, value in (
            ("IMAP server", access.host),
            ("port", str(access.port)),
            ("connection", "plain, without TLS"),
            ("user", access.user),
            ("password", access.password),
            ("your name", access.name),
            ("mail address", access.address),
        ):
            table.add_row(name, value)
        self._print(Padding(table, (0, 0, 1, 2)))
        self._line(
            "There is no server for sending. Copy a mail into INBOX, and what is made of it is "
            "shown here."
        )

    def _marked(self, mark: Text, *paragraphs: Text) -> None:
        """Paragraphs behind a mark, which stands alone in its column."""
        lead = mark
        for paragraph in paragraphs:
            for line in paragraph.wrap(self._out, self._out.width - 2):
                line.rstrip()
                self._out.print(Text.assemble(lead, " ", line), soft_wrap=True)
                lead = Text(" ")

    def _line(self, words: str = "", style: str = "") -> None:
        self._print(Text(words, style))

    def _print(self, what: RenderableType) -> None:
        """Without a terminal, lines end where their words end."""
        if self._out.is_terminal:
            self._out.print(what)
            return
        with self._out.capture() as captured:
            self._out.print(what)
        for line in captured.get().splitlines():
            self._out.out(line.rstrip())

    def _command(self, words: str) -> None:
        """Unbroken, so that it can be copied from a narrow window."""
        self._out.print(Text(f"  {words}", "bold"), soft_wrap=True)

    def _pause(self, seconds: float) -> None:
        """On a terminal, somebody reads along."""
        time.sleep(seconds * self._pace)


def _envelope(seen: Seen) -> tuple[str, str]:
    message = seen.heard.message
    if message is None:
        return BROKEN, f"(UID {seen.heard.uid})"
    sender = message.sender
    return (sender.name or sender.spec) if sender else "(no sender)", message.subject


def _reason(event: Event | None) -> str:
    if event is None or event.kind not in _REASONED:
        return ""
    return f" ({event.because.removeprefix('cannot read this mail: ')})"


def _whose(event: Event) -> str:
    return f"{_name(event)}’s"


def _name(event: Event) -> str:
    return (event.sender.name or event.sender.spec) if event.sender else BROKEN


def _stage(event: Event) -> Text:
    return Text("" if event.stage == "unknown" else event.stage.replace("_", " "))


_COLUMNS = (
    _Column("", lambda event: Text(str(event.id))),
    _Column("who", lambda event: Text(event.company or _name(event))),
    _Column("role", lambda event: Text(event.role)),
    _Column("stage", _stage, 75),
    _Column("so far", lambda event: Text(_SO_FAR[event.kind], _LOOKS[event.kind].style)),
)

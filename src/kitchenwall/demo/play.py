"""Play the whole thing: an invented mailbox, the real daemon, and what happens between them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from kitchenwall import wiring
from kitchenwall.adapters.notify import Notifier
from kitchenwall.adapters.secrets import Secret
from kitchenwall.adapters.sqlite import SqliteJournal
from kitchenwall.config import Account, Config, JournalSettings, Person, WatchSettings
from kitchenwall.demo.ear import Ear
from kitchenwall.demo.letterbox import Letterbox, Lying, letterbox
from kitchenwall.demo.mails import ADDRESS, PERSON, Mail, mails
from kitchenwall.demo.proofs import FOLDERS, Proof, proofs
from kitchenwall.demo.server import HOST, mail_server
from kitchenwall.demo.show import Access, Show
from kitchenwall.demo.story import FOLDER, Seen, Story
from kitchenwall.domain.message import Cursor

USER = "robin"
PASSWORD = "invented"  # noqa: S105 (of a mailbox that lives for seconds and holds nothing)
# So long after the last thing that it did, the watcher is certainly waiting again.
BREATH_SECONDS = 0.3
# pymap never tells of a mail that came between NOOP and IDLE; the safety-net pass finds it.
SAFETY_MINUTES = 0.05


@dataclass(frozen=True, slots=True)
class Played:
    """What became of each mail, by its name (see `Mail.expect`), and what can be proved."""

    became: dict[str, str]
    proofs: tuple[Proof, ...]


def play(show: Show, *, keep: bool = False) -> Played:
    """Play it and show it. With `keep`, it goes on until it is interrupted.

    Nothing of the person is touched: the state lies in a temporary folder, the password in
    memory. Raises `Unavailable` where the demo's own server or the daemon takes too long.
    """
    begun = time.monotonic()
    show.opening()
    all_mails = mails()
    with _mailbox() as mailbox:
        for mail in all_mails:
            if not mail.arrives:
                mailbox.post(mail)
        with _watched(mailbox) as (story, journal):
            audience = _Audience(show, mailbox, story)
            audience.see_what_lies_there()
            audience.see_arriving([mail for mail in all_mails if mail.arrives])
            played = _reckoned(mailbox, journal)
            show.journal(journal.events()[::-1])
            show.proofs(played.proofs, time.monotonic() - begun)
            if keep:
                show.kept(Access(HOST, mailbox.port, USER, PASSWORD, PERSON, ADDRESS))
                audience.stay()
            show.farewell()
            return played


@dataclass(slots=True)
class _Mailbox:
    """The mailbox from the postman's side: what was delivered under which UID."""

    port: int
    box: Letterbox
    now: datetime
    delivered: dict[int, Mail] = field(default_factory=dict)
    inbox: dict[int, Lying] = field(default_factory=dict)

    def post(self, mail: Mail) -> int:
        """Deliver a mail; its UID."""
        data = mail.data(self.now)
        uid = self.box.deliver(data, mail.sent(self.now))
        self.delivered[uid] = mail
        self.inbox[uid] = Lying(frozenset(), data)
        return uid


@contextmanager
def _mailbox() -> Iterator[_Mailbox]:
    """A server with one empty mailbox."""
    with mail_server(USER, PASSWORD) as port, letterbox(port, USER, PASSWORD) as box:
        for folder in FOLDERS:
            box.make(folder)
        yield _Mailbox(port, box, datetime.now(UTC))


@contextmanager
def _watched(mailbox: _Mailbox) -> Iterator[tuple[Story, SqliteJournal]]:
    """The real daemon at the mailbox, from its first mail on; its state ends with it."""
    with TemporaryDirectory(prefix="kitchenwall-demo-") as folder:
        config = _config(Path(folder), mailbox.port)
        with wiring.open_journal(config) as journal:
            journal.move_cursor(USER, FOLDER, Cursor(mailbox.box.uidvalidity(FOLDER), 0))
            ear = Ear()
            with _daemon(config, journal, ear):
                yield Story(ear=ear, journal=journal, login=USER), journal


@contextmanager
def _daemon(config: Config, journal: SqliteJournal, ear: Ear) -> Iterator[None]:
    """The daemon with an ear beside its road, and the password from memory."""
    daemon = wiring.daemon_for(
        config, journal, manager=Notifier(), secret_for=lambda _account: Secret(PASSWORD)
    )
    for watcher in daemon.watchers:
        watcher.post = replace(watcher.post, road=ear.beside(watcher.post.road))
    daemon.start()
    try:
        yield
    finally:
        daemon.stop()


def _config(folder: Path, port: int) -> Config:
    """A person and an account that exist for the demo alone."""
    account = Account(
        name="demo", address=ADDRESS, host=HOST, login=USER, security="plain", port=port
    )
    return Config(
        person=Person(name=PERSON, languages=("en", "de")),
        accounts=(account,),
        watch=WatchSettings(safety_minutes=SAFETY_MINUTES),
        journal=JournalSettings(folder=str(folder / "state")),
        path=folder / "config.toml",
    )


@dataclass(slots=True)
class _Audience:
    """Sees each mail and each draft once."""

    show: Show
    mailbox: _Mailbox
    story: Story
    _shown: int = 0

    def see_what_lies_there(self) -> None:
        """All mails that were there before, then the drafts that came of them."""
        self.show.chapter(f"{len(self.mailbox.delivered)} mails lie in the mailbox")
        for seen in self.story.until(max(self.mailbox.delivered)):
            self.show.mail(seen)
        self._see_drafts()

    def see_arriving(self, later: list[Mail]) -> None:
        """One mail after the other, each while the daemon waits."""
        self.show.chapter(f"{len(later)} more come while it waits")
        for mail in later:
            time.sleep(BREATH_SECONDS)
            sent = time.monotonic()
            for seen in self.story.until(self.mailbox.post(mail)):
                self.show.mail(seen, _took(seen, sent, self.story.rest()))
            self._see_drafts()

    def stay(self) -> NoReturn:
        """Whatever else happens, until somebody interrupts."""
        while True:
            for seen in self.story.so_far():
                self.show.mail(seen)
                self._see_drafts()

    def _see_drafts(self) -> None:
        self.story.rest()
        lying = self.mailbox.box.lying("Drafts")
        for uid, draft in lying.items():
            if uid > self._shown:
                self.show.draft(draft.data)
        self._shown = max((self._shown, *lying))


def _took(seen: Seen, sent: float, rested: float) -> str:
    """How long it took from the moment when the mail was about to be delivered."""
    read = f"read after {1000 * (seen.heard.at - sent):.0f} ms"
    if seen.event is None or seen.event.draft is None:
        return read
    return f"{read}, its draft ready after {1000 * (rested - sent):.0f} ms"


def _reckoned(mailbox: _Mailbox, journal: SqliteJournal) -> Played:
    kinds = {event.cursor.uid: event.kind.value for event in journal.events()}
    became = {mail.name: kinds.get(uid, "nothing") for uid, mail in mailbox.delivered.items()}
    return Played(became, tuple(proofs(mailbox.inbox, mailbox.box, journal, journal.writes())))

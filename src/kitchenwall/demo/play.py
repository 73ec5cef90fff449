"""Play the whole thing: an invented mailbox, the real daemon, and what happens between them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from kitchenwall import wiring
from kitchenwall.adapters.notify import Notifier
from kitchenwall.adapters.secrets import Secret
from kitchenwall.adapters.sqlite import SqliteJournal
from kitchenwall.config import Account, Config, JournalSettings, Person
from kitchenwall.demo.ear import Ear
from kitchenwall.demo.letterbox import Letterbox, Lying, letterbox
from kitchenwall.demo.mails import ADDRESS, PERSON, Mail, mails
from kitchenwall.demo.server import HOST, mail_server
from kitchenwall.demo.show import Access, Proof, Show
from kitchenwall.demo.story import FOLDER, Seen, Story
from kitchenwall.domain.journal import Event
from kitchenwall.domain.message import Cursor

USER = "robin"
PASSWORD = "invented"  # noqa: S105 (of a mailbox that lives for seconds and holds nothing)
FOLDERS = ("Drafts", "Sent", "Archive", "Trash")
# So long after the last thing that it did, the watcher is certainly waiting again.
BREATH_SECONDS = 0.3


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
    now = datetime.now(UTC)
    with ExitStack() as stage:
        show.opening()
        port = stage.enter_context(mail_server(USER, PASSWORD))
        box = stage.enter_context(letterbox(port, USER, PASSWORD))
        for folder in FOLDERS:
            box.make(folder)
        there, later = _by_time(mails())
        delivered = {box.deliver(mail.data(now), mail.sent(now)): mail for mail in there}
        before = box.lying(FOLDER)

        config = _config(Path(stage.enter_context(TemporaryDirectory(prefix="kw-demo-"))), port)
        journal = stage.enter_context(wiring.open_journal(config))
        journal.move_cursor(USER, FOLDER, Cursor(box.uidvalidity(FOLDER), 0))
        ear = Ear()
        story = Story(ear=ear, journal=journal, login=USER)
        stage.enter_context(_daemon(config, journal, ear))

        audience = _Audience(show, box, story)
        show.chapter(f"{len(delivered)} mails lie in the mailbox")
        audience.watch(max(delivered))
        show.chapter(f"{len(later)} more come while it watches")
        for mail in later:
            time.sleep(BREATH_SECONDS)
            sent = time.monotonic()
            uid = box.deliver(mail.data(now), now)
            delivered[uid] = mail
            before[uid] = Lying(frozenset(), mail.data(now))
            audience.watch(uid, sent)

        events = journal.events()[::-1]
        proofs = tuple(_proofs(before, box, journal))
        show.journal(events)
        show.waiting(events)
        show.proofs(proofs, time.monotonic() - begun)
        if keep:
            show.kept(Access(HOST, port, USER, PASSWORD, PERSON, ADDRESS))
            audience.stay(ear)
        else:
            show.farewell()
    return Played(_became(delivered, events), proofs)


@dataclass(slots=True)
class _Audience:
    """Sees each mail and each draft once."""

    show: Show
    box: Letterbox
    story: Story
    _shown: int = 0

    def watch(self, uid: int, sent: float | None = None) -> None:
        """All mails up to that UID, then the drafts that came of them."""
        for seen in self.story.until(uid):
            laid = self.story.rest() if sent is not None else 0.0
            self.show.mail(seen, _took(seen, sent, laid) if sent is not None else "")
        self._drafts()

    def stay(self, ear: Ear) -> None:
        """Whatever else happens, until somebody interrupts."""
        while True:
            if (heard := ear.next(1.0)) is not None:
                self.show.mail(self.story.seen(heard))
                self._drafts()

    def _drafts(self) -> None:
        self.story.rest()
        lying = self.box.lying("Drafts")
        for uid, draft in lying.items():
            if uid > self._shown:
                self.show.draft(draft.data)
        self._shown = max(lying, default=0)


def _took(seen: Seen, sent: float, laid: float) -> str:
    heard = f"heard of after {1000 * (seen.heard.at - sent):.0f} ms"
    if seen.event is None or seen.event.draft is None:
        return heard
    return f"{heard}; its draft lay there after {1000 * (laid - sent):.0f} ms"


def _by_time(all_mails: tuple[Mail, ...]) -> tuple[list[Mail], list[Mail]]:
    there = [mail for mail in all_mails if not mail.arrives]
    return there, [mail for mail in all_mails if mail.arrives]


def _config(folder: Path, port: int) -> Config:
    """A person and an account that exist for the demo alone."""
    account = Account(
        name="demo", address=ADDRESS, host=HOST, login=USER, security="plain", port=port
    )
    return Config(
        person=Person(name=PERSON, languages=("en", "de")),
        accounts=(account,),
        journal=JournalSettings(folder=str(folder / "state")),
        path=folder / "config.toml",
    )


@contextmanager
def _daemon(config: Config, journal: SqliteJournal, ear: Ear) -> Iterator[None]:
    """The real daemon, with an ear beside its road and the password from memory."""
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


def _proofs(before: dict[int, Lying], box: Letterbox, journal: SqliteJournal) -> Iterator[Proof]:
    """What was promised, looked up on the server over another connection."""
    after = box.lying(FOLDER)
    yield Proof(
        f"INBOX is as it was: {len(after)} mails with the same UIDs, flags and bytes, none "
        f"marked as read",
        after == before and not any(mail.flags for mail in after.values()),
    )
    drafts = box.lying("Drafts")
    planned = sum(event.draft == "created" for event in journal.events())
    flags = {frozenset({rb"\Draft", rb"\Seen"})}
    yield Proof(
        f"Drafts holds {len(drafts)} drafts, one for each no that can be answered",
        len(drafts) == planned and {draft.flags for draft in drafts.values()} == flags,
    )
    writes = journal.writes()
    yield Proof(
        f"{len(writes)} writes to the server in all, each of them a draft into Drafts",
        {(write.what, write.folder) for write in writes} == {("APPEND", "Drafts")}
        and len(writes) == len(drafts),
    )
    elsewhere = list(itertools.chain(*(box.lying(name) for name in FOLDERS if name != "Drafts")))
    yield Proof("nothing was sent: there is no code that could", not elsewhere)


def _became(delivered: dict[int, Mail], events: tuple[Event, ...]) -> dict[str, str]:
    kinds = {event.cursor.uid: event.kind.value for event in events}
    return {mail.name: kinds.get(uid, "nothing") for uid, mail in delivered.items()}

"""Lay each draft exactly once, wherever a crash or a lost connection falls.

APPEND cannot be repeated safely and IMAP has no transactions (RFC 3501, 6.3.11), so the order is law:

1. the draft's exact bytes are in the journal (state PLANNED) before anything is said to the server;
2. look whether it already lies there, or was already answered;
3. the journal says INTENT, with the folder's UIDVALIDITY and UIDNEXT, before the first byte goes out;
4. APPEND, then read back what lies there, then the journal says CREATED.

A draft found in state INTENT may or may not have been stored. It is looked for three times by UID
range (at once, and after two settle times: a server may finish late). Found: CREATED. UIDNEXT never
moved: provably not stored, so it is planned again. Anything else is HELD for the person.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from kitchenwall.domain.journal import DraftRow, DraftState, Reply
from kitchenwall.errors import (
    ConfigError,
    DraftRefused,
    DraftUncertain,
    FolderMissing,
    Unavailable,
)
from kitchenwall.ports import Clock, FolderState, Journal, Mailbox, Sighting

log = logging.getLogger(__name__)

_LOOKS = 3
_HEADERS_MOST = 500
_RETRY_REFUSED_SECONDS = 900.0
_DAY = timedelta(days=1)
_FRESH = timedelta(minutes=1)


@dataclass(slots=True)
class _Watch:
    """What is known, since this process began, about one draft whose outcome is uncertain."""

    since: float
    looks: int = 0
    moved: bool = False


@dataclass(slots=True, kw_only=True)
class Drafting:
    """One account's drafts. Owned by the thread that owns the account's connection.

    `settle_seconds` are the waits before the second and the third look. `renewed` makes the next
    generation of a draft where the person prefers a possible duplicate to a question
    (`on_ambiguous = "retry"`), and is None otherwise. `claim` asks whether this computer may
    answer a mail, where several share the mailbox.
    """

    journal: Journal
    clock: Clock
    login: str
    settle_seconds: tuple[float, float] = (5.0, 60.0)
    renewed: Callable[[DraftRow], Reply] | None = None
    claim: Callable[[DraftRow], bool] | None = None
    _watched: dict[int, _Watch] = field(default_factory=dict)
    _not_before: dict[int, float] = field(default_factory=dict)
    _said_yes: set[int] = field(default_factory=set)

    def work(self, box: Mailbox) -> bool:
        """Look for what is uncertain, then lay what is planned. True where a folder was visited.

        Nothing is laid while a draft is uncertain: it would move the UIDNEXT that tells whether
        the other one was stored. Raises `Unavailable` when the connection is lost; everything else
        is left in the journal.
        """
        visited = False
        for row in self.journal.drafts(DraftState.INTENT, login=self.login):
            visited = self._look(box, row) or visited
        if self.journal.drafts(DraftState.INTENT, login=self.login):
            return visited
        for row in self.journal.drafts(DraftState.PLANNED, login=self.login):
            visited = self._lay(box, row) or visited
        return visited

    def next_look(self) -> float | None:
        """Seconds until an uncertain draft wants to be looked for; None where there is none."""
        now = self.clock.monotonic()
        due = [self._due(watch) for watch in self._watched.values()]
        return max(0.0, min(due) - now) if due else None

    def next_due(self) -> float | None:
        """Seconds until a draft that waited for its time is to be laid; None where none waits.

        By the clock on the wall: it goes on while the machine sleeps, and may be set.
        """
        if self.journal.drafts(DraftState.INTENT, login=self.login):
            return None  # nothing is laid while another one's fate is open
        now, here = self.clock.now(), self.clock.monotonic()
        waits = [
            max((row.due - now).total_seconds(), self._not_before.get(row.id, here) - here, 0.0)
            for row in self.journal.drafts(DraftState.PLANNED, login=self.login)
            if row.due is not None
        ]
        return min(waits, default=None)

    # Laying

    def _lay(self, box: Mailbox, row: DraftRow) -> bool:
        if row.due is not None and self.clock.now() < row.due:
            return False
        if self.clock.monotonic() < self._not_before.get(row.id, 0.0):
            return False
        try:
            self._lay_once(box, row)
        except (DraftRefused, FolderMissing, ConfigError) as error:
            log.warning("draft %s: %s", row.id, error)
            self.journal.settle(row.id, DraftState.PLANNED, str(error))
            self._not_before[row.id] = self.clock.monotonic() + _RETRY_REFUSED_SECONDS
        return True

    def _lay_once(self, box: Mailbox, row: DraftRow) -> None:
        if not row.data:
            self._hold(row, "what was written for this draft is damaged; write this reply by hand")
            return
        folder = box.folder_for("drafts")
        if folder is None:
            raise FolderMissing(
                "cannot lay a draft: the account has no folder that is clearly for drafts; "
                "set account.drafts_folder (kitchenwall check lists the folders)"
            )
        if self._answered(box, row):
            self.journal.settle(row.id, DraftState.SKIPPED, "you have already answered this mail")
            return
        if self.claim is not None and not self.claim(row):
            self.journal.settle(row.id, DraftState.SKIPPED, "another computer answers this mail")
            return
        state = box.examine(folder)
        if lying := self._by_search(box, state, row):
            self._is_there(row, state, lying, "it already lay there")
            return
        self.journal.intend(row.id, state, self.clock.now())
        try:
            where = box.append_draft(folder, row.data)
        except DraftUncertain:
            self._watched[row.id] = _Watch(self.clock.monotonic())
            raise
        except Unavailable as error:
            self.journal.settle(row.id, DraftState.PLANNED, str(error))
            raise
        told = where is not None and where.uidvalidity == state.uidvalidity
        first = where.uid if where is not None and told else state.uidnext
        if lying := _ours(box.sightings(folder, first), row):
            self._is_there(row, state, lying, "laid and read back")
        else:
            self._said_yes.add(row.id)
            self._watched[row.id] = _Watch(self.clock.monotonic())

    def _answered(self, box: Mailbox, row: DraftRow) -> bool:
        """Whether Sent holds an answer to the mail, from whatever device it was sent.

        A mail that came within the last minute is not looked for: nobody is so quick.
        """
        sent = box.folder_for("sent")
        fresh = abs(self.clock.now() - row.source_received) < _FRESH
        if sent is None or row.source_id is None or fresh:
            return False
        try:
            found = box.sightings_since(sent, row.source_received - _DAY, _HEADERS_MOST)
        except FolderMissing:
            return False
        return any(row.source_id in f"{mail.in_reply_to} {mail.references}" for mail in found)

    def _by_search(self, box: Mailbox, state: FolderState, row: DraftRow) -> list[Sighting]:
        """Our id where the server's search finds it, compared here; nothing found proves nothing."""
        uids = box.find_ours(state.name, row.message_id)
        return [
            mail for uid in uids[:5] for mail in _ours(box.sightings(state.name, uid, uid), row)
        ]

    # Looking for what is uncertain

    def _look(self, box: Mailbox, row: DraftRow) -> bool:
        watch = self._watched.setdefault(row.id, _Watch(self.clock.monotonic()))
        if self.clock.monotonic() < self._due(watch):
            return False
        assert row.folder is not None
        try:
            state = box.examine(row.folder)
        except FolderMissing as error:
            self._hold(row, str(error))
            return True
        # A server that does not tell UIDNEXT leaves nothing provable.
        still = (row.uidvalidity, row.uidnext) == (state.uidvalidity, state.uidnext or None)
        watch.moved = watch.moved or not still
        lying = _ours(self._nearby(box, state, row), row)
        watch.looks += 1
        if lying:
            self._is_there(row, state, lying, "found where it was laid")
        elif watch.looks >= _LOOKS:  # more where the connection was lost behind the last one
            self._conclude(box, row, watch)
        return True

    def _nearby(self, box: Mailbox, state: FolderState, row: DraftRow) -> tuple[Sighting, ...]:
        """Everything in the Drafts folder that came since the intent."""
        if state.uidvalidity == row.uidvalidity and row.uidnext is not None:
            return box.sightings(state.name, row.uidnext)
        assert row.intended is not None
        return box.sightings_since(state.name, row.intended - _DAY, _HEADERS_MOST)

    def _conclude(self, box: Mailbox, row: DraftRow, watch: _Watch) -> None:
        """After the last look: it never was, it is elsewhere, or nobody knows."""
        if not watch.moved and row.id not in self._said_yes:
            self._forget(row)
            self.journal.settle(row.id, DraftState.PLANNED, "provably not stored; laid again")
        elif not self._is_elsewhere(box, row):
            self._hold(
                row,
                "the connection ended while this draft was laid, and it is not to be found; it may "
                "have been there: look, then tell kitchenwall journal resolve",
            )

    def _is_elsewhere(self, box: Mailbox, row: DraftRow) -> bool:
        """Whether it was already sent, filed or thrown away."""
        assert row.intended is not None
        for use in ("sent", "archive", "trash"):
            folder = box.folder_for(use)
            if folder is None:
                continue
            try:
                lying = box.sightings_since(folder, row.intended - _DAY, _HEADERS_MOST)
            except FolderMissing as error:
                log.warning("draft %s: %s", row.id, error)
                continue
            if found := _ours(lying, row):
                self._is_there(row, box.examine(folder), found, f"found in {folder}")
                return True
        return False

    def _hold(self, row: DraftRow, because: str) -> None:
        self._forget(row)
        if self.renewed is not None:
            self.journal.renew(row.id, self.renewed(row))
            return
        log.warning("draft %s is held: %s", row.id, because)
        self.journal.settle(row.id, DraftState.HELD, because)

    def _is_there(
        self, row: DraftRow, state: FolderState, lying: list[Sighting], because: str
    ) -> None:
        if len(lying) > 1:
            because += f"; it lies there {len(lying)} times, nothing was deleted"
        self._forget(row)
        self.journal.created(row.id, state.uidvalidity, lying[0].uid, because)
        log.info("draft %s: %s", row.id, because)

    def _forget(self, row: DraftRow) -> None:
        self._watched.pop(row.id, None)
        self._said_yes.discard(row.id)

    def _due(self, watch: _Watch) -> float:
        return watch.since + (0.0, *self.settle_seconds)[min(watch.looks, _LOOKS - 1)]


def _ours(found: Iterable[Sighting], row: DraftRow) -> list[Sighting]:
    """The sightings that bear this draft's id, in either of the two places."""
    return [
        mail for mail in found if row.message_id == mail.message_id or row.ref == mail.draft_ref
    ]

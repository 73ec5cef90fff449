"""Remind once of a letter that asked something and that nobody answered.

A reminder is an event of its own, with a draft that is laid like any other; its key makes it one. It
is written only where it is certain that the letter was sent (Sent holds it under its own id) and that
nothing came since: the look must find the very no that the letter answered, or it proves nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from kitchenwall.domain.around import Around
from kitchenwall.domain.journal import DraftRow, DraftState, Event, EventKind, NewEvent, Reply
from kitchenwall.domain.message import Message
from kitchenwall.errors import FolderMissing, UnreadableMessage
from kitchenwall.ports import Clock, Earlier, Journal, Mailbox

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
_TOO_LATE = timedelta(days=60)
_HEADERS_MOST = 500
_BECAUSE = "your letter asked something, and nothing has come back"

Remind = Callable[[DraftRow, Event, datetime], Reply]


@dataclass(slots=True, kw_only=True)
class Reminding:
    """One account's reminders. Owned by the thread that owns the account's connection.

    `after` is how long nobody may have answered, from when the letter was laid. Each letter is looked
    after once a day.
    """

    journal: Journal
    clock: Clock
    account: str
    login: str
    after: timedelta
    remind: Remind
    is_own: Callable[[Message], bool] = lambda mail: mail.draft_ref is not None
    due: Callable[[datetime, datetime], datetime | None] = lambda _came, _now: None
    _looked: dict[int, date] = field(default_factory=dict)

    def work(self, box: Mailbox, earlier: Earlier) -> None:
        """Record a reminder for each letter that wants one. Raises `Unavailable`."""
        now = self.clock.now()
        for letter in self.journal.unanswered(self.login, now - _TOO_LATE, now - self.after):
            if self._looked.get(letter.id) == now.date():
                continue
            self._looked[letter.id] = now.date()
            if self._was_sent(box, letter) and self._nothing_came(earlier, letter, now):
                try:
                    self._record(letter, now)
                except (UnreadableMessage, ValueError) as error:
                    log.warning("draft %s cannot be reminded of: %s", letter.id, error)

    def _was_sent(self, box: Mailbox, letter: DraftRow) -> bool:
        sent = box.folder_for("sent")
        if sent is None or letter.source_id is None:
            return False
        try:
            found = box.sightings_since(sent, letter.source_received - _DAY, _HEADERS_MOST)
        except FolderMissing:
            return False
        return any(
            mail.message_id == letter.message_id or mail.draft_ref == letter.ref for mail in found
        )

    def _nothing_came(self, earlier: Earlier, letter: DraftRow, now: datetime) -> bool:
        """Whether the no itself is found, and nothing of its conversation or its sender after it."""
        assert letter.source_id is not None
        found = earlier(
            Around(
                thread=frozenset({letter.source_id, letter.message_id}),
                addresses=(letter.recipient.spec,),
                houses=(),
                since=letter.source_received - _DAY,
                until=now,
            )
        )
        later = [mail for mail in found if _is_later(mail, letter) and not self.is_own(mail)]
        return not later and any(mail.message_id == letter.source_id for mail in found)

    def _record(self, letter: DraftRow, now: datetime) -> None:
        event = self.journal.event(letter.event_id)
        if event is None:
            return
        reminder = NewEvent(
            source_key=reminder_key(letter),
            account=self.account,
            login=self.login,
            folder=event.folder,
            cursor=event.cursor,
            received=now,
            recorded=now,
            kind=EventKind.DRAFT,
            because=_BECAUSE,
            sender=letter.recipient,
            subject=event.subject,
            message_id=None,
            follows=event.follows or event.id,
        )
        reply = self.remind(letter, event, now)
        number = self.journal.record(reminder, reply, DraftState.PLANNED, self.due(now, now))
        log.info("event %s: a reminder of the letter about event %s", number, event.id)


def reminder_key(letter: DraftRow) -> str:
    """What makes a reminder one: there is never a second one for a letter."""
    return f"reminder:{letter.ref}"


def _is_later(mail: Message, letter: DraftRow) -> bool:
    """Servers keep whole seconds: what came in the same one may be later."""
    return mail.received >= letter.source_received and mail.message_id != letter.source_id

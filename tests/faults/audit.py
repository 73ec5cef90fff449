"""Look at what came of a fault: every rejection one event and at most one draft, and nothing touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kitchenwall.domain.journal import DraftRow, DraftState, Event, EventKind
from kitchenwall.domain.message import Cursor
from tests.faults.house import House
from tests.servers.client import Snapshot


@dataclass(frozen=True, slots=True)
class Seen:
    """A mailbox and a journal at one moment; two are equal when nothing has changed."""

    inbox: Snapshot
    drafts: Snapshot
    laid: Counter[str]  # how often each of our references lies in Drafts
    events: tuple[Event, ...]
    rows: tuple[DraftRow, ...]
    cursor: Cursor | None

    @property
    def held(self) -> int:
        return sum(row.state is DraftState.HELD for row in self.rows)


def see(house: House) -> Seen:
    """Look at everything."""
    with house.server.client(house.user) as client:
        inbox, drafts = client.snapshot(), client.snapshot("Drafts")
        laid = Counter(_refs(client.mails("Drafts")))
    with house.look() as journal:
        cursor = journal.cursor(house.user, "INBOX")
        return Seen(inbox, drafts, laid, journal.events(), journal.drafts(), cursor)


def passed_by(house: House) -> list[str]:
    """What the cursor has passed without its being recorded; for the moment after a stop."""
    with house.look() as journal:
        cursor = journal.cursor(house.user, "INBOX")
        known = {event.message_id or event.cursor.uid for event in journal.events()}
    if cursor is None or cursor.uidvalidity != house.uidvalidity:
        return []
    mails = zip(sorted(house.before), house.expected.items(), strict=True)
    return [
        f"the cursor passed {name}, which is not recorded"
        for uid, (name, kind) in mails
        if kind and uid <= cursor.uid and not {uid, name} & known
    ]


def violations(house: House, seen: Seen, *, may_hold: bool = False) -> list[str]:
    """Everything that is wrong once nothing is open any more."""
    wrong = [*_wrong_events(house, seen), *_wrong_drafts(house, seen, may_hold)]
    if seen.inbox != house.before:
        wrong.append(f"INBOX was {house.before} and is {seen.inbox}")
    return wrong


def _wrong_events(house: House, seen: Seen) -> Iterator[str]:
    kinds: dict[str | int, list[EventKind]] = {}
    for event in seen.events:
        kinds.setdefault(event.message_id or event.cursor.uid, []).append(event.kind)
    for number, (name, kind) in enumerate(house.expected.items(), 1):
        found = kinds.pop(name, None) or kinds.pop(number, [])
        if found != ([kind] if kind else []):
            yield f"mail {name} became {[str(one) for one in found]}, not {kind}"
    yield from (f"an event for {name} comes from nowhere" for name in kinds)


def _wrong_drafts(house: House, seen: Seen, may_hold: bool) -> Iterator[str]:
    yield from (f"draft {ref} lies there {n} times" for ref, n in seen.laid.items() if n > 1)
    answers = [row for row in seen.rows if row.state is not DraftState.OFFERED]
    wanted = Counter(house.expected.values())[EventKind.DRAFT]
    if len(answers) != wanted:
        yield f"{len(answers)} drafts in the journal for {wanted} rejections"
    for row in seen.rows:
        yield from _wrong_fate(row, seen.laid[row.ref], may_hold)
    strange = set(seen.laid) - {row.ref for row in seen.rows}
    yield from (f"draft {ref} is unknown to the journal" for ref in strange)


def _wrong_fate(row: DraftRow, laid: int, may_hold: bool) -> Sequence[str]:
    match row.state:
        case DraftState.CREATED:
            return () if laid else (f"draft {row.id} is said to be created, and is not there",)
        case DraftState.HELD:
            return () if may_hold else (f"draft {row.id} is held: {row.because}",)
        case DraftState.OFFERED:
            return ("an offered draft was laid",) if laid else ()
        case _:
            return (f"draft {row.id} is left {row.state}: {row.because}",)


def _refs(mails: list[bytes]) -> Iterator[str]:
    for mail in mails:
        for line in mail.partition(b"\r\n\r\n")[0].split(b"\r\n"):
            if line.lower().startswith(b"x-draft-ref:"):
                yield line.partition(b":")[2].strip().decode()

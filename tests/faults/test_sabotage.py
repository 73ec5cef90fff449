"""The crash test goes red where the order of things is broken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest

from kitchenwall.adapters.sqlite import recording, rows
from kitchenwall.app.drafting import Drafting
from kitchenwall.domain.journal import DraftRow, DraftState, NewEvent, Reply
from kitchenwall.domain.message import Arrival
from kitchenwall.ports import FolderState, Mailbox
from tests.faults.house import House
from tests.faults.outside import NumberedJournal
from tests.faults.program import BlindMailbox, MortalWatcher, Parts
from tests.faults.scenes import Scene, watched
from tests.faults.stops import play
from tests.faults.tally import Tally
from tests.servers.dovecot import Dovecot

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]


class EventBeforeItsDraft(NumberedJournal):
    """Records an event, and the draft that answers it in a second transaction."""

    def record(
        self,
        event: NewEvent,
        reply: Reply | None,
        state: DraftState,
        due: datetime | None = None,
    ) -> int:
        number = super().record(event, None, state)
        if reply is not None:
            with self._file.writing() as connection:
                values = rows.draft_values(number, reply, event, state)
                recording._insert(connection, "drafts", values)
        return number


class CursorBeforeTheWork(MortalWatcher):
    """Moves the cursor over what it has only seen."""

    def _take(self, box: Mailbox, arrivals: Iterable[Arrival], folder: str) -> int:
        seen = list(arrivals)
        if seen:
            self.journal.move_cursor(self.post.login, folder, seen[-1].cursor)
        return super()._take(box, iter(seen), folder)


class BlindRetry(Drafting):
    """Lays an uncertain draft again without looking for it."""

    def _look(self, box: Mailbox, row: DraftRow) -> bool:
        self.journal.settle(row.id, DraftState.PLANNED, "once more")
        return True


class AppendBeforeTheIntent(NumberedJournal):
    """Forgets to write down that an APPEND may be on its way."""

    def intend(self, draft_id: int, folder: FolderState, now: object) -> None:
        return


@dataclass(frozen=True, slots=True)
class Sabotage:
    """A program with one broken part, and what must be noticed."""

    parts: Parts
    brings: str


SABOTAGES = {
    "the event before its draft": Sabotage(
        Parts(journal=EventBeforeItsDraft), "0 drafts in the journal for 1 rejections"
    ),
    "the cursor before the work": Sabotage(
        Parts(watcher=CursorBeforeTheWork), "which is not recorded"
    ),
    "a blind retry": Sabotage(
        Parts(drafting=BlindRetry, mailbox=BlindMailbox), "lies there 2 times"
    ),
    "the APPEND before the intent": Sabotage(
        Parts(journal=AppendBeforeTheIntent, mailbox=BlindMailbox), "lies there 2 times"
    ),
}


@pytest.mark.parametrize("name", SABOTAGES)
def test_sabotage_is_found(name: str, server: Dovecot, tmp_path: Path, tally: Tally) -> None:
    sabotage = SABOTAGES[name]
    scene = Scene(name=name, arrange=watched("no"), parts=sabotage.parts)
    for number in count(1):
        outcome = play(scene, House(server, tmp_path, scene.parts), number)
        assert outcome.stops, "a whole life without anything wrong"
        if outcome.wrong:
            break
    assert sabotage.brings in " ".join(outcome.wrong)
    tally.found[name] = str(outcome.stops[0])


@pytest.mark.parametrize("name", SABOTAGES)
def test_only_a_fault_shows_it(name: str, server: Dovecot, tmp_path: Path) -> None:
    scene = Scene(name=name, arrange=watched("no"), parts=SABOTAGES[name].parts)
    assert play(scene, House(server, tmp_path, scene.parts)).wrong == []


def test_the_same_scene_without_sabotage_is_clean(server: Dovecot, tmp_path: Path) -> None:
    scene = Scene(name="as it is", arrange=watched("no"), parts=Parts(mailbox=BlindMailbox))
    for number in range(1, 60, 4):
        assert play(scene, House(server, tmp_path, scene.parts), number).wrong == []

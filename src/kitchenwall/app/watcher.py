"""Watch one account: catch up, wait, catch up; one thread, one connection."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kitchenwall.app.backoff import Backoff
from kitchenwall.app.drafting import Drafting
from kitchenwall.app.pipeline import Road, nobody_looks, take_in
from kitchenwall.app.reminding import Reminding
from kitchenwall.domain.journal import Pass, Stop
from kitchenwall.domain.message import Arrival, Cursor
from kitchenwall.errors import (
    AccessDenied,
    FolderMissing,
    JournalTrouble,
    KitchenwallError,
    LookLost,
    Unavailable,
)
from kitchenwall.ports import Clock, Earlier, FolderState, Journal, Mailbox

log = logging.getLogger(__name__)

_CURSOR_EVERY = 50
_ROUNDS = 3
_SLEPT_SECONDS = 30.0
_IDLE_LEAST_SECONDS = 60.0
_EMPTY_HINT_SECONDS = (0.05, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often, how long and how many; all times in seconds."""

    idle: float = 540.0
    poll: float = 300.0
    safety: float = 900.0
    command: float = 60.0
    connect: float = 30.0
    backoff_first: float = 5.0
    backoff_most: float = 300.0
    max_refusals: int = 3
    rescan_days: float = 2.0
    rescan_most: int = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One account as its watcher knows it.

    `open` connects and logs in; it raises `Unavailable`, `AccessDenied` or `ConfigError`.
    `secret_mark` tells one secret from another without showing either; it raises as `open` does.
    `look_back` gives what looks for earlier mails over a connection.
    """

    account: str
    login: str
    folders: tuple[str, ...]
    open: Callable[[], Mailbox]
    secret_mark: Callable[[], str]
    road: Road
    look_back: Callable[[Mailbox], Earlier] = lambda _box: nobody_looks


@dataclass(slots=True, kw_only=True)
class Watcher:
    """The life of one account's thread. `stop`, `look_now` and `alive` are for other threads."""

    post: Post
    journal: Journal
    clock: Clock
    drafting: Drafting
    reminding: Reminding | None = None
    rhythm: Rhythm = field(default_factory=Rhythm)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _woken: threading.Event = field(default_factory=threading.Event)
    _look_wanted: bool = True
    _box: Mailbox | None = None
    _alive_until: float = 0.0
    _refusals: int = 0
    _seen: int = 0
    _next_look: float = 0.0
    _idle_most: float = math.inf

    # For other threads

    def run(self) -> None:
        """Watch until stopped. Nothing that happens to one connection ends this loop."""
        backoff = Backoff(self.rhythm.backoff_first, self.rhythm.backoff_most)
        while not self._stopping.is_set():
            try:
                if self._is_stopped():
                    self._rest(self.rhythm.safety)
                    continue
                self._watch(backoff)
            except KitchenwallError as error:
                self._trouble(error)
                asked = getattr(error, "retry_after", None) or 0.0
                pause = backoff.next(asked)
                self._keep_away(asked)
                self._rest(pause - asked)
            except Exception:
                log.exception("%s: something unforeseen; trying again later", self.post.account)
                self._rest(backoff.next())

    def once(self) -> int:
        """One pass over all folders until every draft's fate is known; how many mails were seen.

        A look for earlier mails that costs the connection costs no mail: the pass begins again.
        """
        try:
            self._pass()
        except LookLost as error:
            log.warning("%s: %s", self.post.account, error)
            self._pass()
        return self._seen

    def finish(self, box: Mailbox) -> None:
        """Lay what is planned, and wait until every draft's fate is known."""
        self.drafting.work(box)
        while (seconds := self.drafting.next_look()) is not None and not self._stopping.is_set():
            self._rest(seconds)
            self.drafting.work(box)

    def look_now(self) -> None:
        """Look at everything soon, wherever the thread is waiting."""
        self._look_wanted = True
        self._wake()

    def stop(self) -> None:
        """Finish what is in flight and end."""
        self._stopping.set()
        self._wake()

    def abandon(self) -> None:
        """End the connection under the thread; what was in flight is journalled as uncertain."""
        if (box := self._box) is not None:
            box.abort()

    def alive(self) -> bool:
        """Whether the thread is within the time that it gave itself for what it is doing."""
        return self.clock.monotonic() < self._alive_until

    def _pass(self) -> None:
        with self._opened() as box:
            self._everywhere(box)
            self.finish(box)

    # Watching

    def _watch(self, backoff: Backoff) -> None:
        with self._opened() as box:
            self._refusals = 0
            self._everywhere(box)
            backoff.reset()
            calm = Backoff(*_EMPTY_HINT_SECONDS)
            while not self._stopping.is_set():
                self._come_back(box)
                asleep = self.clock.asleep()
                heard = self._wait(box)
                took = self._take_new(box, self.post.folders[0]) if heard else 0
                if heard or 0.0 in (self.drafting.next_look(), self.drafting.next_due()):
                    self.drafting.work(box)
                if self.clock.asleep() - asleep > _SLEPT_SECONDS:
                    raise Unavailable("the machine was suspended; connecting anew", 0.0)
                if self._look_wanted or self.clock.monotonic() >= self._next_look:
                    self._everywhere(box)
                elif heard and not took:
                    self._rest(calm.next())  # some servers cry wolf without pause
                else:
                    calm.reset()

    def _wait(self, box: Mailbox) -> bool:
        """Wait for a hint. A server that hangs up early is asked for less patience next time."""
        self._beat(self.rhythm.idle)
        begun = self.clock.monotonic()
        try:
            return box.wait(min(self._patience(), self._idle_most))
        except Unavailable:
            lasted = self.clock.monotonic() - begun
            self._idle_most = max(_IDLE_LEAST_SECONDS, min(self._idle_most, lasted) / 2)
            raise

    def _everywhere(self, box: Mailbox) -> None:
        """Every folder and every open draft. Also where other folders are polled."""
        self._look_wanted = False
        self._woken.clear()
        missing = [self._visit(box, folder) for folder in reversed(self.post.folders)]
        if self.reminding is not None:
            self.reminding.work(box, self.post.look_back(box))
        self.drafting.work(box)
        self._next_look = self.clock.monotonic() + self._pass_interval()
        troubles = "; ".join(trouble for trouble in missing if trouble)
        self._note(troubles or "watching", self.clock.now())

    def _visit(self, box: Mailbox, folder: str) -> str:
        """Catch up in one folder; what is wrong with it, "" where nothing is."""
        try:
            self._catch_up(box, folder)
        except FolderMissing as error:
            log.warning("%s: %s", self.post.account, error)
            return str(error)
        return ""

    def _come_back(self, box: Mailbox) -> None:
        """Open the first folder again and compare, until nothing came while we were elsewhere."""
        for _ in range(_ROUNDS):
            if not self._catch_up(box, self.post.folders[0]):
                return
        box.examine(self.post.folders[0])

    def _catch_up(self, box: Mailbox, folder: str) -> bool:
        """Read what is new in a folder. True where anything was."""
        self._beat()
        state = box.examine(folder)
        cursor = self.journal.cursor(self.post.login, folder)
        if cursor is None:
            self._begin(state)
            return False
        if cursor.uidvalidity != state.uidvalidity or 0 < state.uidnext <= cursor.uid:
            self._rescan(box, state)
            return True
        if state.uidnext and state.uidnext <= cursor.uid + 1:
            return False
        return self._take(box, box.arrivals(folder, cursor.uid + 1), folder) > 0

    def _take_new(self, box: Mailbox, folder: str) -> int:
        """What a hint announced, without opening the folder again; how many mails it were."""
        cursor = self.journal.cursor(self.post.login, folder)
        if cursor is None:
            return 0
        return self._take(box, box.arrivals(folder, cursor.uid + 1), folder)

    def _begin(self, state: FolderState) -> None:
        """A folder seen for the first time is watched from its newest mail on."""
        log.info("%s: watching %s from now on", self.post.account, state.name)
        cursor = Cursor(state.uidvalidity, max(0, state.uidnext - 1))
        self.journal.move_cursor(self.post.login, state.name, cursor)

    def _rescan(self, box: Mailbox, state: FolderState) -> None:
        """The server has renumbered the folder, even if it does not say so: look at the last days again.

        Keys tell what is known. A UIDNEXT that went backwards is a restored backup, or a lie.
        """
        log.warning("%s: %s was renumbered, looking back", self.post.account, state.name)
        since = (self._last_pass() or self.clock.now()) - timedelta(days=self.rhythm.rescan_days)
        uids = box.received_since(state.name, since)[-self.rhythm.rescan_most :]
        self._take(box, box.mails(state.name, uids), state.name)
        newest = Cursor(state.uidvalidity, max(0, state.uidnext - 1, *uids))
        self.journal.move_cursor(self.post.login, state.name, newest)

    def _take(self, box: Mailbox, arrivals: Iterable[Arrival], folder: str) -> int:
        """Walk arrivals down the road and lay what follows; the cursor comes last of all."""
        count = 0
        last: Cursor | None = None
        earlier = self.post.look_back(box)
        for arrival in arrivals:
            self._beat()
            take_in(self.post.road, arrival, self.journal, self.clock.now(), earlier)
            last = arrival.cursor
            count += 1
            if count % _CURSOR_EVERY == 0:
                self.journal.move_cursor(self.post.login, folder, last)
        if last is not None:
            self.drafting.work(box)
            self.journal.move_cursor(self.post.login, folder, last)
        self._seen += count
        return count

    @contextmanager
    def _opened(self) -> Iterator[Mailbox]:
        """A connection that other threads may wake or end while it is in use."""
        self._beat(self.rhythm.connect * 3)
        box = self._box = self.post.open()
        try:
            yield box
        finally:
            self._box = None
            box.close()

    # Stopping by itself

    def _trouble(self, error: KitchenwallError) -> None:
        if self._stopping.is_set():
            return
        log.warning("%s: %s", self.post.account, error)
        if isinstance(error, AccessDenied):
            self._refusals += 1
            if self._refusals >= self.rhythm.max_refusals:
                with suppress(JournalTrouble):
                    self._stop_by_itself(str(error))
                return
        if not isinstance(error, JournalTrouble):
            self._note(f"away: {error}")

    def _stop_by_itself(self, reason: str) -> None:
        """No more logins until the person, or another secret, lifts it: servers ban who insists."""
        stop = Stop(self.post.login, reason, self.clock.now(), self._mark())
        self.journal.record_stop(stop)
        self._refusals = 0
        self._note(f"stopped: {reason}")
        log.error("%s: stopped after repeated refusals: %s", self.post.account, reason)

    def _is_stopped(self) -> bool:
        stop = self.journal.stop(self.post.login)
        if stop is None:
            return False
        if self._mark() in ("", stop.secret_mark):
            return True
        log.info("%s: the secret has changed, trying again", self.post.account)
        self.journal.lift_stop(self.post.login)
        return False

    def _mark(self) -> str:
        try:
            return self.post.secret_mark()
        except KitchenwallError:
            return ""

    # Time

    def _patience(self) -> float:
        """How long to wait at most before something else is due."""
        dues = [self._next_look - self.clock.monotonic()]
        if (look := self.drafting.next_look()) is not None:
            dues.append(look)
        if (due := self.drafting.next_due()) is not None:
            dues.append(due)
        return 0.0 if self._look_wanted else max(0.0, min(dues))

    def _pass_interval(self) -> float:
        return self.rhythm.safety if len(self.post.folders) == 1 else self.rhythm.poll

    def _beat(self, seconds: float = 0.0) -> None:
        """Say how long the next step may take before somebody should worry."""
        self._alive_until = self.clock.monotonic() + seconds + 5 * self.rhythm.command + 30.0

    def _rest(self, seconds: float) -> None:
        """Wait, unless woken. Back-off and a stop count as being alive."""
        self._beat(seconds)
        if not self._stopping.is_set():
            self._woken.wait(seconds)
        self._woken.clear()

    def _keep_away(self, seconds: float) -> None:
        """Wait for as long as a server asked; only the end of everything cuts it short."""
        self._beat(seconds)
        self._stopping.wait(seconds)

    def _wake(self) -> None:
        self._woken.set()
        if (box := self._box) is not None:
            with suppress(OSError):
                box.wake()

    def _note(self, state: str, completed: datetime | None = None) -> None:
        """What `status` shows. Only a completed pass moves its time, from which a rescan counts."""
        with suppress(JournalTrouble):  # a journal in trouble must not hide the trouble itself
            last = completed or self._last_pass() or self.clock.now()
            self.journal.note_pass(
                Pass(self.post.login, self.post.account, last, self._seen, state)
            )

    def _last_pass(self) -> datetime | None:
        passes = self.journal.passes()
        return next((done.at for done in passes if done.login == self.post.login), None)

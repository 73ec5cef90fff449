"""No mail server, whatever it says, stops the daemon, fools it, or keeps it from its other accounts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from kitchenwall.adapters.imap.mailbox import ImapMailbox
from kitchenwall.config import Config
from kitchenwall.domain.journal import DraftState, EventKind
from kitchenwall.errors import KitchenwallError
from kitchenwall.wiring import open_journal, open_mailbox, watcher_for
from tests.hostile.conftest import Count
from tests.hostile.resources import cpu_of
from tests.hostile.street import (
    STOP_SECONDS,
    WATCH,
    Fate,
    House,
    Siege,
    besiege,
    configuration,
    house_of,
    listening,
)
from tests.hostile.wolves import has_large, ignores_partials, wolves
from tests.servers import account as mailboxes
from tests.servers.account import sample
from tests.servers.hostile import hostile_servers
from tests.servers.scripted import (
    Conversation,
    Request,
    Script,
    ScriptedServer,
    honestly,
    recovering,
    serving,
)

SCRIPTS: Mapping[str, Script] = {**dict(hostile_servers()), **dict(wolves())}
AT_ONCE = 36
CPU_MOST = 0.7  # of one core, at a pace at which a second stands for minutes
COMMANDS_MOST = 400  # in a second
MEMORY_MOST = 100_000_000  # for all accounts of a street together
QUESTION_SECONDS = 5  # for connecting and some commands of 0.3 s each, on a busy machine

# Where the server shows another mail than it has, or none.
UNREADABLE = {
    *("fetch/no-body", "fetch/body-is-nil", "fetch/body-is-empty"),
    *("fetch/structure-deep", "fetch/structure-very-deep", "fetch/structure-nil"),
    *("fetch/structure-empty", "fetch/structure-junk", "fetch/structure-unbalanced"),
    *("fetch/unbalanced", "fetch/structure-wide"),
}
NEVER_SHOWN = {"fetch/body-is-quoted", "mailbox/uid-used-twice", "mailbox/empty"}
# Where nobody can know whether a draft was stored, or the server says that it was and it is not.
HELD = {
    *("append/ok-before-the-literal", "append/ok-not-stored", "append/ok-not-stored-with-a-uid"),
    *("append/ok-then-gone", "append/line-ends-changed"),
}
NO_ROOM = {"mailbox/no-drafts"}
STORED_TWICE = {"append/stored-twice"}


def streets() -> list[list[str]]:
    names = sorted(SCRIPTS)
    return [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory, count: Count) -> Callable[[int], Siege]:
    """Besieges the daemon with some forty servers at once, each street once."""

    @cache
    def siege(number: int) -> Siege:
        names = streets()[number]
        count.servers.update(names)
        return besiege(tmp_path_factory.mktemp("street"), {name: SCRIPTS[name] for name in names})

    return siege


@pytest.mark.parametrize(
    ("number", "name"), [(n, name) for n, names in enumerate(streets()) for name in names]
)
def test_a_hostile_server_neither_stops_the_daemon_nor_fools_it(
    street: Callable[[int], Siege], number: int, name: str
) -> None:
    siege = street(number)
    fate = siege.fates[name]
    assert fate.unforeseen == ()
    assert fate.connections > 0
    assert fate.struck
    assert fate.cpu < CPU_MOST
    assert len(fate.commands) < COMMANDS_MOST * siege.seconds
    assert fate.trouble == ""  # once the server is honest, a pass goes through
    never_doubled(fate)
    never_lost(fate)


def never_doubled(fate: Fate) -> None:
    most = 2 if fate.name in STORED_TWICE else 1
    for laid in (fate.laid_meanwhile, fate.laid):
        assert all(times <= most for times in laid.values())
    assert set(fate.laid) <= {row.ref for row in fate.drafts}
    keys = [event.source_key for event in fate.events]
    assert len(keys) == len(set(keys))
    assert len(fate.drafts) == sum(event.kind is EventKind.DRAFT for event in fate.events)


def never_lost(fate: Fate) -> None:
    """The rejection has its draft, or the person is told why not."""
    states = {row.state for row in fate.drafts}
    kinds = {event.kind for event in fate.events}
    for row in fate.drafts:
        assert row.state is not DraftState.CREATED or fate.laid[row.ref]
    if fate.name in NEVER_SHOWN:
        return
    if fate.name in UNREADABLE:
        assert EventKind.UNREADABLE in kinds or states == {DraftState.CREATED}
    elif fate.name in HELD:
        assert states <= {DraftState.HELD, DraftState.CREATED}
        assert states
    elif fate.name in NO_ROOM:
        assert states == {DraftState.PLANNED}
    else:
        assert states == {DraftState.CREATED}


@pytest.mark.parametrize("number", range(len(streets())))
def test_an_honest_neighbour_is_served_and_nothing_is_left_behind(
    street: Callable[[int], Siege], number: int
) -> None:
    siege = street(number)
    assert siege.neighbour < 5
    assert siege.stopping < STOP_SECONDS - 0.5
    assert siege.left_threads == ()
    assert siege.left_files <= 0
    assert siege.grown < MEMORY_MOST


# Every question


Question = Callable[[ImapMailbox], object]
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
_ID = "<rr1.abcdefgh@home.example>"
QUESTIONS: Mapping[str, Question] = {
    "capabilities": lambda box: box.capabilities,
    "folders": lambda box: [box.folder_for(use) for use in ("drafts", "sent", "archive", "junk")],
    "status": lambda box: box.status("Drafts"),
    "examine": lambda box: box.examine("INBOX"),
    "arrivals": lambda box: list(box.arrivals("INBOX", 1)),
    "mails": lambda box: list(box.mails("INBOX", (1, 2, 3))),
    "headers": lambda box: list(box.headers("INBOX", range(1, 4), ("SUBJECT", "FROM"))),
    "received_since": lambda box: box.received_since("INBOX", _LONG_AGO),
    "sightings": lambda box: box.sightings("INBOX", 1),
    "sightings_since": lambda box: box.sightings_since("INBOX", _LONG_AGO, 50),
    "find_ours": lambda box: box.find_ours("INBOX", _ID),
    "append_draft": lambda box: box.append_draft("Drafts", sample(0)),
    "wait": lambda box: (box.examine("INBOX"), box.wait(0.1)),
}  # fmt: skip

# Where the strike is at one command: the questions that make the program say it.
ASKED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("greeting", "login", "authenticate", "starttls"), ("examine",)),
    **dict.fromkeys(("capability", "logout"), ("capabilities", "examine")),
    **dict.fromkeys(("idle", "noop"), ("wait", "arrivals")),
    "status": ("status", "examine"),
    "list": ("folders", "append_draft"),
    "append": ("append_draft", "examine"),
    "search": ("received_since", "sightings_since", "find_ours"),
    "examine": ("examine", "arrivals", "received_since", "wait"),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, str, float]]]:
    """For every hostile server and every question: what came of it, and how long it took."""
    folder = tmp_path_factory.mktemp("questions")
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda name: ask_everything(name, folder), SCRIPTS)
        return dict(zip(SCRIPTS, found, strict=True))


def ask_everything(name: str, folder: Path) -> list[tuple[str, str, float]]:
    (mine := folder / name.replace("/", ".")).mkdir()
    house = house_of(name, SCRIPTS[name], mine)
    config = configuration(mine, (house,))
    asked = Interview(config)
    family = name.partition("/")[0]
    try:
        return [asked.ask(what, QUESTIONS[what]) for what in ASKED.get(family, tuple(QUESTIONS))]
    finally:
        asked.hang_up()
        house.server.close()


@dataclass(slots=True)
class Interview:
    """Asks over one connection, and over another one after an error, as the daemon does."""

    config: Config
    box: ImapMailbox | None = None
    silences: int = 0

    def ask(self, what: str, question: Question) -> tuple[str, str, float]:
        """What was asked, "" or the error that came of it, and how many seconds it took."""
        begun = time.monotonic()
        error = "never let in" if self.silences > 1 else self._error(question)
        return what, error, time.monotonic() - begun

    def hang_up(self) -> None:
        if self.box is not None:
            self.box.close()
        self.box = None

    def _error(self, question: Question) -> str:
        try:
            self.silences += self.box is None
            self.box = self.box or open_mailbox(self.config, self.config.accounts[0])
            self.silences = 0
            question(self.box)
        except KitchenwallError as error:
            self.hang_up()
            return type(error).__name__
        except Exception as leak:
            return f"LEAK {leak!r}"
        return ""


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_every_question_ends_in_an_answer_or_in_one_of_our_errors(
    answers: dict[str, list[tuple[str, str, float]]], name: str
) -> None:
    for what, error, seconds in answers[name]:
        assert not error.startswith("LEAK"), (what, error)
        assert seconds < QUESTION_SECONDS, what


# What every Python client fails (measured: imapclient, imap-tools and aioimaplib, all three)


class Waiting:
    """One account whose watcher waits in IDLE for as long as nothing is said: only IDLE can tell."""

    def __init__(
        self, folder: Path, script: Script, mailbox: mailboxes.Account | None = None
    ) -> None:
        self.house = House("waiting", script, mailbox=mailbox or mailboxes.Account())
        patient = replace(WATCH, idle_minutes=9, poll_minutes=60, safety_minutes=60)
        config = replace(
            configuration(folder, (self.house,)), watch=replace(patient, command_seconds=2)
        )
        self.config, self.account = config, config.accounts[0]

    @contextmanager
    def watched(self) -> Iterator[None]:
        with open_journal(self.config) as journal, listening() as told:
            watcher = watcher_for(self.config, self.account, journal)
            thread = threading.Thread(target=watcher.run, name="watch waiting")
            thread.start()
            try:
                yield
                self.cpu = cpu_of(thread)
            finally:
                watcher.stop()
                thread.join(5)
                self.house.server.close()
            assert told(self.account.name) == ()
            assert not thread.is_alive()

    def drafts_within(self, seconds: float, most: int = 1) -> int:
        """How many drafts lie there as soon as there are so many, or when time is up."""
        end = time.monotonic() + seconds
        while self.house.laid().total() < most and time.monotonic() < end:
            time.sleep(0.005)
        return self.house.laid().total()


@pytest.mark.parametrize("how", ["split", "octet-by-octet", "after-still-here"])
def test_a_line_split_over_two_segments_in_idle_is_heard(tmp_path: Path, how: str) -> None:
    waiting = Waiting(tmp_path, SCRIPTS[f"idle/exists-{how}"])
    with waiting.watched():
        assert waiting.drafts_within(3) == 1


@pytest.mark.parametrize("how", ["with-plus", "before-plus", "in-the-gap"])
def test_an_event_that_came_before_idle_is_heard(tmp_path: Path, how: str) -> None:
    """In the segment of "+", before "+", and between EXAMINE and IDLE without a word about it."""
    script = SCRIPTS[f"idle/exists-{how}"] if how != "in-the-gap" else comes_in_the_gap()
    waiting = Waiting(tmp_path, script)
    with waiting.watched():
        assert waiting.drafts_within(3) == 1


def comes_in_the_gap() -> Script:
    """A mail comes behind EXAMINE; the server says so when NOOP asks, and never in IDLE."""
    came: list[int] = []

    def examine(talk: Conversation, request: Request) -> None:
        honestly(talk, request)
        if not came:
            came.append(talk.account.inbox.add(sample(3)))

    def noop(talk: Conversation, request: Request) -> None:
        talk.send(b"* %d EXISTS\r\n" % len(talk.account.inbox.mails))
        talk.ok(request)

    def idle(talk: Conversation, request: Request) -> None:
        talk.send(b"+ idling\r\n")
        talk.line()
        talk.ok(request)

    return serving({"EXAMINE": examine, "NOOP": noop, "IDLE": idle})


@pytest.mark.parametrize(
    "end", ["eof", "reset", "eof-idling", "reset-idling", "half-a-line-then-eof"]
)
def test_an_eof_in_idle_ends_it_at_once_and_mail_is_found_afterwards(
    tmp_path: Path, end: str
) -> None:
    reconnects(tmp_path, SCRIPTS[f"idle/{end}"])


@pytest.mark.parametrize("end", ["bye", "bye-idling", "bye-and-stays"])
def test_a_bye_in_idle_ends_it_at_once_and_mail_is_found_afterwards(
    tmp_path: Path, end: str
) -> None:
    reconnects(tmp_path, SCRIPTS[f"idle/{end}"])


def reconnects(folder: Path, script: Script) -> None:
    """The first connection ends in IDLE; a mail that comes then is found over the second one."""
    waiting = Waiting(folder, recovering(script))
    server = waiting.house.server
    with waiting.watched():
        until_idle(server)
        waiting.house.mailbox.inbox.add(sample(3))
        assert waiting.drafts_within(3) == 1
    assert server.connections == 2
    assert waiting.cpu < 0.5


def until_idle(server: ScriptedServer) -> None:
    end = time.monotonic() + 3
    while "IDLE" not in server.names() and time.monotonic() < end:
        time.sleep(0.005)


def test_a_server_that_ignores_partial_fetches_delays_no_mail(tmp_path: Path) -> None:
    """A mail of 3 MB comes whole where a piece was asked for: it and the next one are answered."""
    mailbox = mailboxes.Account(mails=0)
    waiting = Waiting(tmp_path, serving({"UID FETCH": ignores_partials}), mailbox)
    with waiting.watched():
        until_idle(waiting.house.server)
        has_large(mailbox)
        assert waiting.drafts_within(5, most=2) == 2

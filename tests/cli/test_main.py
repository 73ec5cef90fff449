"""Help comes at once, wrong words and closed ears are no accident, and exit codes say what helps."""

import json
import signal
import socket
import statistics
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kitchenwall.adapters.sqlite import open_journal
from kitchenwall.cli.main import COMMANDS
from kitchenwall.domain.journal import DraftState, EventKind
from tests.cli.person import COMMAND, Mailbox, Person
from tests.contracts.journal_contract import an_event

HEAVY = {"imapclient", "keyring", "jinja2", "lxml", "apscheduler", "rich", "sqlite3", "mailparser"}
ACTS = {
    "journal": ("list", "show", "asks", "answer", "held", "resolve", "writes"),
    "drafts": ("list", "show"),
    "password": ("set", "check"),
    "config": ("example", "check", "show", "path"),
    "service": ("install", "status", "remove"),
}
EVERY = [(), *((name,) for name in COMMANDS)]
DEEPER = [(name, act) for name, acts in ACTS.items() for act in acts]
MANY = 60
SUBJECT = "Absage für Größe 木工"


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path / "home")


@pytest.fixture(scope="module")
def umlauts(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """A person whose journal is long, and German."""
    person = Person(tmp_path_factory.mktemp("umlauts"))
    person.configure(Mailbox(name="home", login="robin@mail.example", port=9))
    with open_journal(person.state) as journal:
        for number in range(MANY):
            event = replace(an_event(f"{number:064}", EventKind.ASK), subject=SUBJECT)
            journal.record(event, None, DraftState.OFFERED)
    return person


@pytest.mark.parametrize("words", [*EVERY, *DEEPER], ids=" ".join)
def test_everything_explains_itself_and_brings_nothing_heavy_along(
    person: Person, words: tuple[str, ...]
) -> None:
    program, *rest = COMMAND
    argv = [program, "-X", "importtime", *rest, *words, "--help"]
    done = subprocess.run(argv, env=person.env, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"usage: {' '.join(('kitchenwall', *words))} [-h]")
    lines = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines()]
    assert "kitchenwall.cli.main" in lines
    assert not HEAVY & {line.partition(".")[0] for line in lines}


def test_help_comes_at_once(person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    figures = {}
    for words in EVERY:
        took = []
        for _ in range(5):
            begun = time.perf_counter()
            person.types(*words, "--help")
            took.append(time.perf_counter() - begun)
        figures[" ".join(words) or "kitchenwall"] = round(statistics.median(took) * 1000)
    with capsys.disabled():
        print(f"\n--help, median of 5, in ms: {figures}")


def test_the_version_is_told(person: Person) -> None:
    assert person.reads("--version").startswith("kitchenwall 0.")


def test_no_word_at_all_is_a_call_for_help(person: Person) -> None:
    assert person.reads() == person.reads("--help")


@pytest.mark.parametrize(
    "line",
    [
        "dance", "--loud", "run fast", "once --wet-run", "scan --since", "scan --since yesterday",
        "scan --since 99999y", "scan --since 2026-13-01", "journal sing", "journal show",
        "journal show first", "journal answer 1", "journal answer 1 maybe", "journal list --kind odd",
        "journal show 777", "journal resolve 1 burn", "drafts show", "drafts show 5", "journal resolve 777 lay", "password",
        "password forget home", "config", "config burn", "resume", "--config",
    ],
)  # fmt: skip
def test_wrong_words_are_refused_with_64(umlauts: Person, line: str) -> None:
    told = umlauts.types(*line.split())
    assert told.code == 64, told
    assert told.out == ""
    assert told.err.splitlines()[-1].startswith("kitchenwall")
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    "line",
    ["run", "once", "scan", "journal", "drafts", "status", "check", "password check home",
     "resume home", "config show"],
)  # fmt: skip
def test_without_a_configuration_the_first_command_is_told(person: Person, line: str) -> None:
    told = person.types(*line.split())
    assert (told.code, told.out) == (78, "")
    assert f"kitchenwall config example > {person.config}" in told.err


def test_the_command_that_is_told_works(person: Person) -> None:
    told = person.types("status").err
    command = (
        told.splitlines()[1].strip().replace("kitchenwall config", " ".join(COMMAND) + " config")
    )
    subprocess.run(["sh", "-c", command], env=person.env, check=True)
    assert person.types("config", "check").code == 0


def test_everything_wrong_with_the_file_is_told_at_once(person: Person) -> None:
    person.write('[person]\nnam = "Robin"\n[[account]]\nname = "a b"\n[watch]\nidle_minutes = 90\n')
    told = person.types("status")
    assert told.code == 78
    for problem in ("person.nam", "account[1].name", "account[1].address", "watch.idle_minutes"):
        assert problem in told.err


def test_an_unknown_account_is_answered_with_the_known_ones(umlauts: Person) -> None:
    for words in (("resume", "hom"), ("password", "check", "hom"), ("scan", "--account", "hom")):
        told = umlauts.types(*words)
        assert told.code == 78
        assert "there are: home" in told.err


def test_ctrl_c_is_no_accident(person: Person) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        box = Mailbox(name="home", login="robin@mail.example", port=mute.getsockname()[1])
        person.configure(box)
        with person.starts("once") as once:
            mute.settimeout(10)
            met, _ = mute.accept()
            with met:
                once.signal(signal.SIGINT)
                assert once.ends(5) == 130
            assert once.said == ""


@pytest.mark.parametrize(
    "line", ["journal --limit 0", "journal --json --limit 0", "--help", "status"]
)
def test_a_reader_that_has_heard_enough_is_no_accident(umlauts: Person, line: str) -> None:
    argv = [*COMMAND, *line.split()]
    with subprocess.Popen(
        argv, env=umlauts.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as told:
        assert told.stdout
        assert told.stderr
        told.stdout.close()
        assert told.stderr.read() == b""
        assert told.wait(20) == 0


def test_an_answer_that_finds_no_room_is_told(umlauts: Person) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, "status"], env=umlauts.env, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 74
    assert done.stderr == b"kitchenwall: cannot write the answer: No space left on device\n"


def test_no_output_at_all_is_no_accident(umlauts: Person) -> None:
    command = f"{' '.join(COMMAND)} status >&- 2>&-"
    done = subprocess.run(["sh", "-c", command], env=umlauts.env, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("ascii", "Absage f?r Gr??e ??"), ("latin-1", "Absage für Größe ??"), ("utf-8", SUBJECT)],
)
def test_a_terminal_shows_the_letters_that_it_has(
    umlauts: Person, encoding: str, shown: str
) -> None:
    for words in (("journal", "asks"), ("journal", "show", "1")):
        done = subprocess.run(
            [*COMMAND, *words], env=umlauts.env | {"PYTHONIOENCODING": encoding},
            capture_output=True, check=True,
        )  # fmt: skip
        assert shown in done.stdout.decode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-16", "utf-8"])
def test_programs_lose_no_letter_in_any_encoding(umlauts: Person, encoding: str) -> None:
    done = subprocess.run(
        [*COMMAND, "journal", "show", "1", "--json"], check=True, capture_output=True,
        env=umlauts.env | {"PYTHONIOENCODING": encoding},
    )  # fmt: skip
    assert json.loads(done.stdout.decode(encoding))["event"]["subject"] == SUBJECT


def test_the_plainest_locale_is_enough(umlauts: Person) -> None:
    told = umlauts.types(
        "journal", "asks", LANG="C", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert (told.code, told.err) == (0, "")
    assert "Absage f?r" in told.out

"""Each bench runs to its end on small sizes; what it measures is for `make bench`, not for tests."""

from collections.abc import Callable, Sequence

import pytest

from bench import accounts, commands, history, idle, latency, memory, people

pytestmark = pytest.mark.server
Main = Callable[[Sequence[str]], None]


@pytest.mark.parametrize(
    ("main", "says"),
    [
        (latency.main, "EXISTS to CREATED"),
        (commands.main, "mails/s"),
        (history.main, "a person, four mails"),
        (people.main, "she wrote three years ago"),
        (idle.main, "CPU s an hour"),
        (memory.main, "held after imports"),
        (accounts.main, "all drafts laid, one in each account: yes"),
    ],
    ids=["latency", "commands", "history", "people", "idle", "memory", "accounts"],
)
def test_a_bench_runs_to_its_end(main: Main, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "--corpus", "nowhere"])
    assert says in capsys.readouterr().out

"""Another program is started without a shell, with little to see, and never for longer than allowed."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from kitchenwall.adapters.programs import MOST_OUTPUT, Result, output_of, run_quietly
from kitchenwall.errors import AccessDenied, Unavailable


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def test_what_it_prints_comes_back() -> None:
    assert output_of(["/bin/echo", "one"], seconds=5) == b"one\n"


def test_it_is_told_what_it_should_know() -> None:
    assert output_of(["/bin/cat"], seconds=5, stdin=b"x" * 4096) == b"x" * 4096


def test_it_need_not_listen() -> None:
    assert output_of(["/bin/true"], seconds=5, stdin=b"x" * 4096) == b""


def test_no_shell_looks_at_its_arguments() -> None:
    assert output_of(["/bin/echo", "$HOME; `id` *"], seconds=5) == b"$HOME; `id` *\n"


def test_it_sees_little_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "x")
    monkeypatch.setenv("GNUPGHOME", "/g")
    seen = output_of(python("import os; print(sorted(os.environ))"), seconds=5).decode()
    assert "CANARY" not in seen
    assert "PATH" in seen
    assert "GNUPGHOME" in seen


def test_it_has_none_of_our_open_files() -> None:
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    seen = output_of(python("import os; print(os.listdir('/proc/self/fd'))"), seconds=5)
    os.close(reading)
    os.close(writing)
    assert f"'{writing}'".encode() not in seen or writing < 4


def test_one_that_is_not_done_in_time_is_ended_with_all_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    code = (
        "import os, subprocess, time\n"
        "child = subprocess.Popen(['/bin/sleep', '60'])\n"
        f"open({str(note)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "time.sleep(60)"
    )
    started = time.monotonic()
    with pytest.raises(Unavailable, match="was not done within 1 seconds"):
        output_of(python(code), seconds=1)
    assert time.monotonic() - started < 4
    pids = [int(pid) for pid in note.read_text().split()]
    while any(map(is_running, pids)) and time.monotonic() - started < 10:
        time.sleep(0.01)  # killed is not yet gone on a busy machine
    assert not any(map(is_running, pids))


def test_one_that_leaves_another_behind_with_its_output_does_not_hold_us_up() -> None:
    started = time.monotonic()
    with pytest.raises(Unavailable):
        output_of(["/bin/sh", "-c", "sleep 60 & exit 0"], seconds=0.5)
    assert time.monotonic() - started < 4


def test_one_that_closes_its_output_and_stays_is_ended() -> None:
    with pytest.raises(Unavailable):
        output_of(["/bin/sh", "-c", "exec >&- 2>&-; sleep 60"], seconds=0.5)


def test_one_that_never_stops_printing_is_ended() -> None:
    with pytest.raises(AccessDenied, match="printed too much"):
        output_of(["/bin/sh", "-c", "yes canary"], seconds=5)
    assert len(output_of(python(f"print('x' * {MOST_OUTPUT - 1})"), seconds=5)) == MOST_OUTPUT


def test_failure_names_the_program_and_not_what_it_said() -> None:
    argv = ["/bin/sh", "-c", "echo canary; echo canary >&2; exit 3"]
    with pytest.raises(Unavailable) as caught:
        output_of(argv, seconds=5)
    assert str(caught.value) == 'the program "/bin/sh" failed (status 3); try it by hand'
    with pytest.raises(Unavailable, match="ended by SIGTERM"):
        output_of(["/bin/sh", "-c", "kill -TERM $$"], seconds=5)


@pytest.mark.parametrize("name", ["no-such-program", "/etc/passwd", "/"])
def test_one_that_cannot_be_started_is_named(name: str) -> None:
    with pytest.raises(AccessDenied, match="cannot start the program"):
        output_of([name], seconds=5)


def test_one_without_secrets_tells_all() -> None:
    argv = ["/bin/sh", "-c", "echo out; echo err >&2; exit 4"]
    assert run_quietly(argv, 5) == Result(4, "out\n", "err\n")


def test_nothing_is_left_over() -> None:
    before = os.listdir("/proc/self/fd")
    for _ in range(5):
        output_of(["/bin/true"], seconds=5)
        with pytest.raises(Unavailable):
            output_of(["/bin/sleep", "60"], seconds=0.01)
    assert len(os.listdir("/proc/self/fd")) == len(before)

"""What a process uses up: memory, files, threads, time on the processor; Linux only."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def resident(pid: int | str = "self", line: str = "VmRSS") -> int:
    """Memory in bytes, as proc(5) names it: VmRSS is now, VmHWM the most it ever was."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition(f"{line}:")[2].split()[0]) * 1024


@contextmanager
def peak_above(before: int) -> Iterator[list[int]]:
    """Gives a list that holds, afterwards, by how much memory grew above `before` at most."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    grown: list[int] = [0]
    yield grown
    grown[0] = resident(line="VmHWM") - before


def open_files(pid: int | str = "self") -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/task"))


def cpu_seconds(pid: int) -> float:
    """Time on the processor, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watch_threads() -> list[threading.Thread]:
    """The threads of watchers in this process."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("watch ")]


def cpu_of(thread: threading.Thread) -> float:
    """Time on the processor of one living thread."""
    with suppress(OSError):
        return time.clock_gettime(time.pthread_getcpuclockid(thread.ident or 0))
    return 0.0

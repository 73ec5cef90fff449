"""Measure two commands from the shell: `explain` of one mail, and `detect` of many.

    python bench/commands.py [--quick]

Each run is a fresh process. Beside `explain` stands an interpreter that does no more than import the
libraries that a mail needs; beside `detect`, a script that reads sender, subject and text of the same
mails with the standard library. The runs take turns, and processor seconds count, because others may
use the machine: the best of all runs tells what the work costs, the ratio can be compared.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.mailboxes import mails
from bench.person import own_folder, rejection, table

ANNA = "anna@home.example"
_COMMAND = "import sys; from kitchenwall.cli.main import main; sys.exit(main())"
_LIBRARIES = """
import argparse, dataclasses, email.headerregistry, email.policy, hashlib, json, logging, pathlib
import importlib.resources, tomllib
import jinja2.sandbox, mailparser
"""
_READER = """
import email.policy, mailbox, sys
for mail in mailbox.mbox(sys.argv[1], lambda file: email.message_from_binary_file(file, policy=email.policy.default)):
    text = mail.get_body(("plain", "html"))
    print(str(mail["From"]), str(mail["Subject"]), len(text.get_content()) if text else 0)
"""


class Spent(NamedTuple):
    """What a process cost: seconds of the processor and of the clock."""

    processor: float
    clock: float


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--corpus", help="not used here; every bench is called with it")
    asked = parser.parse_args(given)
    runs, many = (2, 50) if asked.quick else (9, 2_000)
    with own_folder() as folder:
        one, box = folder / "no.eml", folder / "many.mbox"
        one.write_bytes(rejection(1, ANNA))
        write_mbox(box, many)
        home = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        explain = {
            "explain": (_COMMAND, "explain", str(one)),
            "its libraries alone": (_LIBRARIES,),
        }
        detect = {
            "detect": (_COMMAND, "detect", "--json", str(box)),
            "standard library": (_READER, str(box)),
        }
        print(
            f"python bench/commands.py; load {os.getloadavg()[0]:.1f}; best of {runs} runs in turn"
        )
        report(in_turn(explain, runs, home))
        report(in_turn(detect, max(2, runs // 3), home), many)


def write_mbox(box: Path, count: int) -> None:
    """Invented mails as one mbox file."""
    with box.open("wb") as file:
        for made in mails(count):
            lines = made.raw.replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ")
            file.write(b"From somebody@mail.example Mon Jun  1 12:00:00 2026\n" + lines + b"\n")


def in_turn(
    programs: Mapping[str, Sequence[str]], runs: int, home: Mapping[str, str]
) -> dict[str, Spent]:
    """The least that each program cost."""
    spent: dict[str, list[Spent]] = {name: [] for name in programs}
    for _ in range(runs):
        for name, (program, *arguments) in programs.items():
            spent[name].append(run([sys.executable, "-c", program, *arguments], home))
    return {
        name: Spent(min(one.processor for one in all_), min(one.clock for one in all_))
        for name, all_ in spent.items()
    }


def run(command: Sequence[str], home: Mapping[str, str]) -> Spent:
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=home, stdout=subprocess.DEVNULL, check=True)
    clock, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, clock)


def report(found: Mapping[str, Spent], count: int = 0) -> None:
    """A row for each; where there are many mails, how many of them in a second."""
    least = min(spent.processor for spent in found.values())
    rows = [
        (name, f"{spent.processor * 1000:,.0f}", f"{spent.clock * 1000:,.0f}",
         f"{spent.processor / least:.2f}", f"{count / spent.processor:,.0f}" if count else "-")
        for name, spent in found.items()
    ]  # fmt: skip
    print(f"\n{table(('', 'processor ms', 'clock ms', 'ratio', 'mails/s'), rows)}")


if __name__ == "__main__":
    main()

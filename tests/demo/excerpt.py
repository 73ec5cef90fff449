"""The essential part of what the demo shows, for the README.

    python -m tests.demo.excerpt > docs/demo.txt

writes it anew; a test compares it with what the demo shows today.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "docs" / "demo.txt"
COMMAND = Path(sys.executable).with_name("kitchenwall")
SECONDS = 60

_GAP = "[…]"
_BLOCKS = (
    "15 mails lie",
    "○ Northwind",
    "● Fernhill",
    "● Marta",
    "╭─ Drafts",
    "3 more come",
    "● Larkspur",
    "looked up on the server",
)


def shown(**environment: str) -> subprocess.CompletedProcess[str]:
    """What the installed command shows to somebody whose window has 80 columns."""
    known = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    return subprocess.run(
        [COMMAND, "demo"],
        env={**known, "COLUMNS": "80", **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def excerpt(output: str) -> str:
    """A few of its paragraphs; a mark stands for what is left out."""
    return "\n\n".join(_chosen(output.strip("\n").split("\n\n"))) + "\n"


def without_times(text: str) -> str:
    """The text with every measured time made equal."""
    return re.sub(r"\d+(?:\.\d+)?(?= (?:ms|seconds)\b)", "N", text)


def _chosen(paragraphs: list[str]) -> Iterator[str]:
    """The first paragraph that begins with each of the words, in their order."""
    at, words = 0, iter(_BLOCKS)
    wanted = next(words)
    for number, paragraph in enumerate(paragraphs):
        if not paragraph.startswith(wanted):
            continue
        if at and number > at:
            yield _GAP
        yield paragraph
        at, wanted = number + 1, next(words, "")
        if not wanted:
            return


if __name__ == "__main__":
    print(excerpt(shown().stdout), end="")

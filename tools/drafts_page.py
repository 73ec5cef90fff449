"""Write docs/drafts.md: twenty drafts as people will see them, from the approved situations.

    python tools/drafts_page.py [--check]

With --check nothing is written; it ends with 1 where the page is not what it would write.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "situations" / "cases"
PAGE = ROOT / "docs" / "drafts.md"
SHOWN = 20
_HEAD = """# Twenty drafts

Each answers an invented rejection of `tests/corpus`. They are approved word by word in `tests/situations`, and this page is
written by `make drafts`. Below each stands what the person is told about it, and the letter does not say.
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="only say whether the page is right")
    options = parser.parse_args()
    if options.check:
        return int(page() != PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(page(), encoding="utf-8")
    return 0


def page() -> str:
    return "\n".join((_HEAD, *(_section(path) for path in chosen())))


def chosen() -> list[Path]:
    """Cases with a draft: one a language in turn, each with a question that was not shown yet, if any is."""
    by_language = [
        [path for path in sorted(folder.glob("*.txt")) if "\n\n" in path.read_text("utf-8")]
        for folder in sorted(CASES.iterdir())
    ]
    found: list[Path] = []
    asked: dict[str, int] = {}
    while len(found) < SHOWN and any(by_language):
        for paths in filter(None, by_language):
            best = min(paths, key=lambda path: (asked.get(_told(path)["question"], 0), path.name))
            paths.remove(best)
            question = _told(best)["question"]
            asked[question] = asked.get(question, 0) + 1
            found.append(best)
    return sorted(found[:SHOWN])


def _told(path: Path) -> dict[str, str]:
    head, _, _ = path.read_text(encoding="utf-8").partition("\n\n")
    return dict(line.split(": ", 1) for line in head.splitlines())


def _section(path: Path) -> str:
    told = _told(path)
    _, _, letter = path.read_text(encoding="utf-8").partition("\n\n")
    stage = told["stage"].replace("_", " ")
    title = f"{told['language']}: {stage}, feedback {told['feedback']}"
    shown = "\n".join(f"{name}: {told[name.lower()]}" for name in ("From", "To", "Subject"))
    return f"## {title}\n\n```\n{shown}\n\n{letter.rstrip()}\n```\n\n*{told['remark']}*\n"


if __name__ == "__main__":
    sys.exit(main())

"""Measure the detector on labelled mail: counts with Wilson intervals, errors by id, speed.

    python bench/detect.py --corpus FOLDER [--errors]

FOLDER holds *.jsonl files; their README explains the fields. Without the folder there is nothing
to measure, which is said and is no error. Texts are never printed.

`kitchenwall evaluate FOLDER` tells the same by label; here rows are parted by what that corpus
notes of them (made up, a template, a hard look-alike), and the speed is measured.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from kitchenwall.adapters.html import html_to_text
from kitchenwall.adapters.packs import load_packs
from kitchenwall.domain.detection import judge
from kitchenwall.domain.evaluation import APPLICATION
from kitchenwall.domain.languages import LanguagePack
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.shares import Share
from kitchenwall.domain.text import has_forward, own_words
from kitchenwall.domain.verdict import Outcome, Verdict

Row = dict[str, Any]
LEFT_OUT = ("synthetic", "template", "truncated", "suspect", "not_mail")


@dataclass(frozen=True)
class Group:
    """Rows that are counted together, and which outcome is right for them."""

    name: str
    holds: Callable[[Row], bool]
    right: Outcome


def whole(row: Row) -> bool:
    return not any(row.get(note) for note in LEFT_OUT)


def labelled(*labels: str) -> Callable[[Row], bool]:
    return lambda row: whole(row) and row["label"] in labels


def made(note: str, rejection: bool) -> Callable[[Row], bool]:
    def holds(row: Row) -> bool:
        label_fits = row["label"] == "rejection" if rejection else row["label"] in APPLICATION
        other_notes = (left for left in LEFT_OUT if left != note)
        return bool(row.get(note)) and label_fits and not any(row.get(left) for left in other_notes)

    return holds


GROUPS = (
    Group("real rejections, whole", labelled("rejection"), Outcome.REJECTION),
    Group("rejection templates", made("template", True), Outcome.REJECTION),
    Group("synthetic rejections", made("synthetic", True), Outcome.REJECTION),
    Group("interviews", labelled("interview"), Outcome.OTHER),
    Group("assessments", labelled("assessment"), Outcome.OTHER),
    Group(
        "confirmations and others",
        labelled("confirmation", "other_application", "offer"),
        Outcome.OTHER,
    ),
    Group("job alerts", labelled("job_alert"), Outcome.OTHER),
    Group("application templates", made("template", False), Outcome.OTHER),
    Group("synthetic application mail", made("synthetic", False), Outcome.OTHER),
    Group(
        "other refusals",
        lambda row: row["label"] == "not_job" and bool(row.get("hard")) and not row.get("suspect"),
        Outcome.OTHER,
    ),
    Group(
        "ordinary mail",
        lambda row: row["label"] == "not_job" and not row.get("hard") and whole(row),
        Outcome.OTHER,
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, required=True, help="folder of *.jsonl files")
    parser.add_argument("--errors", action="store_true", help="list the ids of wrong verdicts")
    options = parser.parse_args()
    rows = list(read_rows(options.corpus)) if options.corpus.is_dir() else []
    if not rows:
        print(f"no corpus in {options.corpus}: nothing measured")
        return
    packs = load_packs()
    judged = [(row, judge(message_of(row), packs)) for row in rows]
    print(f"languages: {', '.join(packs)}; rows: {len(rows)}")
    for group in GROUPS:
        print_group(group, [pair for pair in judged if group.holds(pair[0])], options.errors)
    print_unsure_share(judged)
    print_speed(rows)


def read_rows(folder: Path) -> Iterator[Row]:
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)


def message_of(row: Row) -> Message:
    """A message as the reader would make it from the row; only few headers are known."""
    name, spec = parseaddr(row.get("from") or "")
    text = row.get("body") or ""
    if row.get("html_part") and not text.strip():
        text = html_to_text(row["html_part"])
    return Message(
        key=row["id"],
        sender=Address(spec.lower(), name) if "@" in spec else None,
        received=datetime(2026, 1, 1, tzinfo=UTC),
        subject=" ".join((row.get("subject") or "").split()),
        text=text,
        own_words=own_words(text),
        has_forward=has_forward(text),
    )


def print_group(group: Group, judged: list[tuple[Row, Verdict]], with_errors: bool) -> None:
    if not judged:
        return
    counts = Counter(verdict.outcome for _, verdict in judged)
    right = counts[group.right]
    shown = ", ".join(f"{outcome} {counts[outcome]}" for outcome in Outcome if counts[outcome])
    print(f"\n{group.name}: {len(judged)} rows; {shown}")
    print(f"  {group.right} {Share(right, len(judged))}")
    if group.right is Outcome.OTHER:
        print(f"  called rejection {Share(counts[Outcome.REJECTION], len(judged))}")
    for field in ("lang", "source"):
        parts: dict[str, list[bool]] = defaultdict(list)
        for row, verdict in judged:
            parts[str(row.get(field))].append(verdict.outcome is group.right)
        told = ", ".join(f"{key} {sum(v)}/{len(v)}" for key, v in sorted(parts.items()))
        print(f"  by {field}: {told}")
    if with_errors:
        wrong = (f"{row['id']}={v.outcome}" for row, v in judged if v.outcome is not group.right)
        print("  errors:", " ".join(wrong))


def print_unsure_share(judged: Iterable[tuple[Row, Verdict]]) -> None:
    application = [
        v for row, v in judged if whole(row) and row["label"] in (*APPLICATION, "rejection")
    ]
    unsure = sum(1 for verdict in application if verdict.outcome is Outcome.UNSURE)
    print(f"\nunsure of all real application mail: {Share(unsure, len(application))}")


def print_speed(rows: list[Row]) -> None:
    """Messages a second on one core, from Message to Verdict, application mail of about 4 KB."""
    packs = load_packs()
    bodies = [message_of(row) for row in rows if row["label"] in (*APPLICATION, "rejection")]
    messages = [filled(message) for message in bodies if message.own_words][:400]
    seconds = min(timed(messages, packs) for _ in range(5))
    size = sum(len(message.own_words) for message in messages) / len(messages)
    print(
        f"speed: {len(messages) / seconds:,.0f} messages a second (best of 5) of {size:,.0f} characters"
    )


def timed(messages: list[Message], packs: Mapping[str, LanguagePack]) -> float:
    begin = time.process_time()
    for message in messages:
        judge(message, packs)
    return time.process_time() - begin


def filled(message: Message) -> Message:
    """The same mail with its own words repeated up to 4 KB, each time a little different."""
    words = message.own_words
    rounds = range(1, 4096 // max(len(words), 1) + 1)
    text = "\n\n".join([words, *(re.sub(r"\b(\w{9,})\b", rf"\g<1>{n}", words) for n in rounds)])
    return Message(
        key=message.key,
        sender=message.sender,
        received=message.received,
        subject=message.subject,
        text=text[:4096],
        own_words=text[:4096],
    )


if __name__ == "__main__":
    main()

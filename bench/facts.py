"""Measure the facts that are read from rejections against sealed labels: right, wrong, null.

    python bench/facts.py --corpus FOLDER [--errors]
    python bench/facts.py --seal LABELS.txt

FOLDER holds the *.jsonl files that bench/detect.py reads. bench/facts_labels.json holds, for each
labelled row, salted hashes of the values that are right: no value and no text of a row stands in
the project. LABELS.txt, from which they are sealed, stays with the person who labels; a line is

    row id | company;other form | role;other form | stage | feedback level | formality

with "-" where the mail does not state a fact. A fact that is not stated is right where nothing is
read. A wrong company counts double in the score.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import secrets
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.detect import Row, message_of, read_rows, whole
from kitchenwall.adapters.packs import load_packs
from kitchenwall.domain.detection import judge
from kitchenwall.domain.facts import Facts
from kitchenwall.domain.gathering import gather
from kitchenwall.domain.languages import LanguagePack
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.shares import Share

SEALED = Path(__file__).with_name("facts_labels.json")
KINDS = ("company", "role", "stage", "feedback", "formality")
AIMS = {"company": 95, "role": 85, "stage": 90, "feedback": 92, "formality": 95}
TAGS = re.compile(
    r"[(\[]?\b(?:all (?:genders|humans)|[mwfdxih](?:\s?[/|*,;]\s?[mwfdxih]){1,3})\b[)\]]?",
    re.IGNORECASE,
)
LEGAL = re.compile(
    r"[\s,]+(?:gmbh|mbh|ag|se|kg|ltd|limited|plc|llc|inc|corp|corporation|co|b\.?v|n\.?v|lp|s\.?a)\b\.?",
    re.IGNORECASE,
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, help="folder of *.jsonl files")
    parser.add_argument("--seal", type=Path, help="a file of plain labels to seal")
    parser.add_argument("--errors", action="store_true", help="list the ids that are not right")
    options = parser.parse_args()
    if options.seal:
        seal(options.seal)
    elif options.corpus:
        measure(options.corpus, options.errors)
    else:
        parser.error("say what to do: --corpus or --seal")


def seal(path: Path) -> None:
    """Write the labels of a plain file as salted hashes."""
    salt = secrets.token_hex(16)
    rows: dict[str, dict[str, list[str]]] = {}
    for line in path.read_text("utf-8").splitlines():
        row, *values = (value.strip() for value in line.split("|"))
        told = zip(KINDS, values, strict=False)
        rows[row] = {
            kind: sorted({sealed(salt, row, kind, form) for form in value.split(";")})
            for kind, value in told
            if value and value != "-"
        }
    SEALED.write_text(json.dumps({"salt": salt, "rows": rows}, indent=0, sort_keys=True) + "\n")
    print(f"{len(rows)} rows sealed")


def sealed(salt: str, row: str, kind: str, value: str) -> str:
    told = f"{salt}:{row}:{kind}:{plain(kind, value)}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def plain(kind: str, value: str) -> str:
    """A value as it is compared: no legal forms, gender tags, case, spaces or punctuation."""
    if kind == "company":
        value = LEGAL.sub("", f" {value}").replace("&", " and ")
    if kind == "role":
        value = TAGS.sub(" ", value)
    return re.sub(r"[\W_]+", "", value.casefold())


def measure(folder: Path, with_errors: bool) -> None:
    labels = json.loads(SEALED.read_text("utf-8"))
    rows = {row["id"]: row for row in read_rows(folder) if row["id"] in labels["rows"]}
    if not rows:
        print(f"no labelled rows in {folder}: nothing measured")
        return
    packs = load_packs()
    for name, wanted in (("whole mails", True), ("templates, quotes and made-up mails", False)):
        group = {key: row for key, row in rows.items() if whole(row) is wanted}
        measure_group(name, group, labels, packs, with_errors)


def measure_group(
    name: str,
    rows: Mapping[str, Row],
    labels: Row,
    packs: Mapping[str, LanguagePack],
    with_errors: bool,
) -> None:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    errors: dict[str, list[str]] = defaultdict(list)
    for key, row in rows.items():
        right = labels["rows"][key]
        for kind, value in values(read(row, packs)):
            result = compared(right.get(kind, []), value, labels["salt"], key, kind)
            counts[kind][result] += 1
            if not result.startswith("right"):
                errors[kind].append(f"{key}={result}")
    print(f"\n{name}: {len(rows)} rows")
    for kind in KINDS if rows else ():
        print_kind(kind, counts[kind])
        if with_errors:
            print("  ", " ".join(errors[kind]))


def read(row: Row, packs: Mapping[str, LanguagePack]) -> Facts:
    message = message_with_name(row)
    return gather(message, judge(message, packs), packs)


def message_with_name(row: Row) -> Message:
    """The row as a message; some rows know the sender's name only, and no address."""
    message = message_of(row)
    if message.sender is None and (shown := (row.get("from") or "").strip()):
        return replace(message, sender=Address("", shown))
    return message


def values(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "company", facts.company.value if facts.company else ""
    yield "role", facts.role.value if facts.role else ""
    yield "stage", facts.stage.value
    yield "feedback", facts.feedback.value
    yield "formality", facts.formality


def compared(right: list[str], value: str, salt: str, row: str, kind: str) -> str:
    """One of right, wrong, null (stated and not read), right-null, made-up (read, not stated)."""
    if not value:
        return "null" if right else "right-null"
    if not right:
        return "made-up"
    return "right" if sealed(salt, row, kind, value) in right else "wrong"


def print_kind(kind: str, found: Counter[str]) -> None:
    stated = found["right"] + found["wrong"] + found["null"]
    if not stated:
        return
    print(f"\n{kind}: stated in {stated} rows; aim {AIMS[kind]} % right where stated")
    print(f"  right {Share(found['right'], stated)}")
    print(f"  wrong {Share(found['wrong'], stated)}")
    print(f"  null  {Share(found['null'], stated)}")
    if unstated := found["right-null"] + found["made-up"]:
        print(f"  not stated: nothing read {Share(found['right-null'], unstated)}")
    if kind == "company":
        lost = found["null"] + 2 * (found["wrong"] + found["made-up"])
        print(
            f"  score with a wrong one counted double: {100 * (stated - lost) / stated:.1f} of 100"
        )


if __name__ == "__main__":
    main()

"""Learn the weights of the second opinion, and say what it is worth on sources it has not seen.

    python tools/train_opinion.py --corpus FOLDER [--own FOLDER] [--write]

FOLDER holds the *.jsonl files that bench/detect.py reads; --own is the project's own invented mail
(tests/corpus). Every mail in which a no stands is an example. First each source, and each language
of the invented mail, is left out in turn and judged by what was learned from all others: these are
the figures that count. Then the weights are learned from everything, made to mean likelihoods by
the left-out answers (Platt, 1999), and written with --write, together with a picture of how the
likelihoods that were said agree with what was so. The same folders give the same files.

Needs scikit-learn and matplotlib (requirements-train.txt); nothing else in the project does.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib import rcParams
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.detect import GROUPS, Row, message_of, read_rows
from kitchenwall.adapters.mime import read_message
from kitchenwall.adapters.packs import load_packs
from kitchenwall.domain.detection import judge, moved
from kitchenwall.domain.languages import LanguagePack, Model, recognise
from kitchenwall.domain.message import Arrival, Cursor, Message
from kitchenwall.domain.opinion import AGAINST, signs
from kitchenwall.domain.reading import Reading
from kitchenwall.domain.sentences import Sentence, fold, sentences
from kitchenwall.domain.shares import Share
from kitchenwall.domain.verdict import Outcome

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "src" / "kitchenwall" / "languages" / "opinion.toml"
PICTURE = ROOT / "docs" / "reliability.svg"
BANDS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 1.0)
LEFT_OUT = ("suspect", "not_mail", "truncated")
DOUBTFUL_LABELS = ("adjamagatte-00071",)
OWN = "own"
STRENGTH = 1.0


@dataclass(frozen=True, slots=True)
class Example:
    """A mail: where it is from, whether it is a no, and the signs beside the no that stands in it."""

    source: str
    is_no: bool
    message: Message
    signs: Mapping[str, float] | None
    row: Row


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, required=True, help="folder of *.jsonl files")
    parser.add_argument("--own", type=Path, default=ROOT / "tests" / "corpus")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.relative_to(ROOT)}")
    options = parser.parse_args()
    if not options.corpus.is_dir():
        print(f"no corpus in {options.corpus}: nothing learned")
        return
    packs = {code: replace(pack, model=Model()) for code, pack in load_packs().items()}
    examples = [*shared(options.corpus, packs), *own(options.own, packs)]
    asked = [example for example in examples if example.signs is not None]
    print(f"{len(examples)} mails, a no stands in {len(asked)}; sources: {sources(asked)}")
    unseen = judged_unseen(asked)
    slope, offset = platt(asked, unseen)
    report(examples, packs, asked, unseen * slope + offset)
    model = fit(asked)
    model = Model(
        model.intercept * slope + offset,
        {name: weight * slope for name, weight in model.weights.items()},
    )
    show(model)
    if options.write:
        FILE.write_text(as_toml(model), encoding="utf-8")
        draw(bands(asked, unseen * slope + offset))
        print(f"wrote {FILE.relative_to(ROOT)} and {PICTURE.relative_to(ROOT)}")


# ---- examples ----------------------------------------------------------------------------------


def shared(folder: Path, packs: Mapping[str, LanguagePack]) -> Iterator[Example]:
    for row in read_rows(folder):
        if any(row.get(note) for note in LEFT_OUT) or row["id"] in DOUBTFUL_LABELS:
            continue
        message = message_of(row)
        found = found_signs(message, packs)
        yield Example(row["source"], row["label"] == "rejection", message, found, row)


def own(folder: Path, packs: Mapping[str, LanguagePack]) -> Iterator[Example]:
    """The invented mails; what they are is the name of the folder."""
    for path in sorted(folder.glob("**/*.eml")):
        language, label = path.parts[-3:-1]
        if label in ("rejection", "other"):
            message = message_in(path)
            found = found_signs(message, packs)
            yield Example(f"{OWN}-{language}", label == "rejection", message, found, {})


def message_in(path: Path) -> Message:
    raw = path.read_bytes()
    arrival = Arrival(
        account="", login="", folder="", cursor=Cursor(0, 0), received=datetime.now(UTC),
        size=len(raw), raw=raw,
    )  # fmt: skip
    return read_message(arrival)


def found_signs(message: Message, packs: Mapping[str, LanguagePack]) -> Mapping[str, float] | None:
    """The signs beside the strongest no that stands in the mail, None where none does."""
    subject = Sentence(message.subject, fold(message.subject.replace("\n", " ")))
    words = sentences(message.own_words or ("" if message.has_forward else message.text))
    chosen = recognise((subject.folded, *(sentence.folded for sentence in words)), packs)
    best: tuple[float, Mapping[str, float]] | None = None
    for reading in (Reading.of(pack, subject, words) for pack in chosen):
        standing = [decision for decision in reading.decisions() if decision.stands]
        weight = max((decision.hit.frame.weight for decision in standing), default=0.0)
        if standing and not reading.veto() and (best is None or weight > best[0]):
            best = weight, signs(reading, standing)
    return best[1] if best else None


def sources(asked: Iterable[Example]) -> str:
    return ", ".join(sorted({example.source for example in asked}))


# ---- learning ----------------------------------------------------------------------------------


def fit(examples: list[Example]) -> Model:
    """A logistic regression in which no sign may count against what it means.

    Real and invented mail, and nos and other mail within each, weigh the same in sum.
    """
    names = sorted({name for one in examples for name in one.signs or ()})
    kinds = [(one.source.startswith(OWN), one.is_no) for one in examples]
    times = Counter(kinds)
    weight = np.array([len(examples) / (len(times) * times[kind]) for kind in kinds])
    answers = np.array([one.is_no for one in examples])
    while True:
        table = matrix(examples, names)
        learned = LogisticRegression(C=STRENGTH, max_iter=5000).fit(table, answers, weight)
        given = dict(zip(names, learned.coef_[0], strict=True))
        wrong = {name for name in names if given[name] * meaning(name) < 0}
        if not wrong:
            return Model(float(learned.intercept_[0]), {n: float(given[n]) for n in names})
        names = [name for name in names if name not in wrong]


def matrix(examples: list[Example], names: list[str]) -> np.ndarray:
    return np.array([[(one.signs or {}).get(name, 0.0) for name in names] for one in examples])


def meaning(name: str) -> int:
    return -1 if name in AGAINST or name.startswith("held back by") else 1


def judged_unseen(asked: list[Example]) -> np.ndarray:
    """What is said of each example by a model that has not seen its source, as log odds."""
    said = np.zeros(len(asked))
    for source in sorted({one.source for one in asked}):
        model = fit([one for one in asked if one.source != source])
        for index, one in enumerate(asked):
            if one.source == source:
                said[index] = log_odds(model, one.signs or {})
    return said


def log_odds(model: Model, found: Mapping[str, float]) -> float:
    return model.intercept + sum(found.get(name, 0.0) * w for name, w in model.weights.items())


def platt(asked: list[Example], said: np.ndarray) -> tuple[float, float]:
    """Slope and offset that make log odds of unseen mail mean how often it was a no."""
    learned = LogisticRegression(C=1e6).fit(said.reshape(-1, 1), [one.is_no for one in asked])
    return float(learned.coef_[0][0]), float(learned.intercept_[0])


# ---- telling -----------------------------------------------------------------------------------


def report(
    examples: list[Example],
    packs: Mapping[str, LanguagePack],
    asked: list[Example],
    said: np.ndarray,
) -> None:
    """Rules alone beside rules with the opinion of a model that has not seen the source."""
    opinions = {id(one): float(odds) for one, odds in zip(asked, said, strict=True)}
    print(f"\n{'left out in turn':34}{'rules alone':>38}{'with the opinion':>38}")
    for name, group in groups(examples):
        alone = Counter(judge(one.message, packs).outcome for one in group)
        both = Counter(with_opinion(one, packs, opinions.get(id(one))) for one in group)
        print(f"{name:34}{counts(alone):>38}{counts(both):>38}")
    print()
    for low, high, _, right in bands(asked, said):
        print(f"said {low:.2f} to {high:.2f}: a no in {right}")


def bands(asked: list[Example], said: np.ndarray) -> list[tuple[float, float, float, Share]]:
    """By what was said: from, to, the mean of what was said, and how many were a no."""
    pairs = [(likelihood(float(odds)), one.is_no) for one, odds in zip(asked, said, strict=True)]
    found = []
    for low, high in pairwise(BANDS):
        band = [(said, no) for said, no in pairs if low <= said < high or said == high == 1.0]
        if band:
            mean = sum(said for said, _ in band) / len(band)
            found.append((low, high, mean, Share(sum(no for _, no in band), len(band))))
    return found


def draw(found: list[tuple[float, float, float, Share]]) -> None:
    """What was said beside what was so, with 95 % intervals."""
    rcParams["svg.hashsalt"] = "kitchenwall"
    means = [mean for _, _, mean, _ in found]
    shares = [right.count / right.total for *_, right in found]
    spread = [
        [s - right.estimate.low for s, (*_, right) in zip(shares, found, strict=True)],
        [right.estimate.high - s for s, (*_, right) in zip(shares, found, strict=True)],
    ]
    figure = Figure(figsize=(5, 4))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#bbb", linewidth=1)
    axes.errorbar(means, shares, yerr=spread, fmt="o", color="#a4452c", capsize=3)
    for mean, share, (*_, right) in zip(means, shares, found, strict=True):
        axes.annotate(str(right.total), (mean, share), textcoords="offset points", xytext=(6, -10))
    axes.set_xlabel("likelihood of a no, as it was said of mail from unseen sources")
    axes.set_ylabel("share that was a no")
    figure.tight_layout()
    figure.savefig(PICTURE, metadata={"Date": None})


def groups(examples: list[Example]) -> Iterator[tuple[str, list[Example]]]:
    for group in GROUPS:
        if found := [one for one in examples if one.row and group.holds(one.row)]:
            yield group.name, found
    for is_no, name in ((True, "own rejections"), (False, "own other mail")):
        if found := [one for one in examples if not one.row and one.is_no is is_no]:
            yield name, found


def with_opinion(
    example: Example, packs: Mapping[str, LanguagePack], odds: float | None
) -> Outcome:
    """What the opinion makes of the rules' outcome."""
    verdict = judge(example.message, packs)
    weighed = any(evidence.rule == "about" for evidence in verdict.evidence)
    return moved(verdict, likelihood(odds)) if odds is not None and weighed else verdict.outcome


def likelihood(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def counts(found: Counter[Outcome]) -> str:
    return ", ".join(f"{outcome} {found[outcome]}" for outcome in Outcome if found[outcome])


def show(model: Model) -> None:
    print(f"\nintercept {model.intercept:+.2f}")
    for name, weight in sorted(model.weights.items(), key=lambda item: item[1]):
        print(f"  {weight:+.2f}  {name}")


def as_toml(model: Model) -> str:
    head = (
        "# The weights of the second opinion. Learned: tools/train_opinion.py writes this file.\n"
    )
    lines = (f'"{name}" = {weight:.3f}\n' for name, weight in sorted(model.weights.items()))
    return f"{head}intercept = {model.intercept:.3f}\n\n[weights]\n{''.join(lines)}"


if __name__ == "__main__":
    main()

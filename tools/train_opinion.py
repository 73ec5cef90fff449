"""Learn the vocabularies and the weights of the second opinion, and say what they are worth.

    python tools/train_opinion.py --corpus FOLDER [--own FOLDER] [--strangers FOLDER] [--write]

FOLDER holds the *.jsonl files that bench/detect.py reads; --own is the invented mail that the packs
were written with (tests/corpus), --strangers the invented mail that they were not (tests/strangers).

The vocabularies are learned from all invented mail; the shared corpus never touches them. The
opinion is learned from the corpus and the strangers, where phrases are as good as they will be on
new mail; what the words of a stranger's mail lean to is told by a vocabulary that has not seen it.
Each source of the corpus, and each language of the strangers, is left out in turn and judged by what
was learned from all others: these are the figures that count. Then the weights are learned from
everything, made to mean likelihoods by the left-out answers (Platt, 1999), and written with --write,
together with a picture of how the likelihoods that were said agree with what was so. The same
folders give the same files.

Needs scikit-learn and matplotlib (requirements-train.txt); nothing else in the project does.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib import rcParams
from matplotlib.figure import Figure
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.vocabularies import Mail, as_json, learn, mails_in, sentences_in

from bench.detect import GROUPS, Row, message_of, read_rows
from kitchenwall.adapters.packs import load_packs
from kitchenwall.domain.detection import by_phrases, judge, moved
from kitchenwall.domain.languages import LanguagePack, Model, Phrasing, recognise
from kitchenwall.domain.message import Message
from kitchenwall.domain.opinion import AGAINST, signs
from kitchenwall.domain.reading import Reading
from kitchenwall.domain.sentences import Sentence, fold, sentences
from kitchenwall.domain.shares import Share
from kitchenwall.domain.verdict import Outcome
from kitchenwall.domain.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ROOT / "src" / "kitchenwall" / "languages"
FILE = LANGUAGES / "opinion.toml"
PICTURE = ROOT / "docs" / "reliability.svg"
BANDS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 1.0)
LEFT_OUT = ("suspect", "not_mail", "truncated")
DOUBTFUL_LABELS = ("adjamagatte-00071",)
STRANGERS = "strangers"
FOLDS = 5
STRENGTH = 0.5

Packs = Mapping[str, LanguagePack]


@dataclass(frozen=True, slots=True)
class Example:
    """A mail: where it is from, whether it is a no, and what was read in it, None where nothing is weighed."""

    source: str
    is_no: bool
    message: Message
    signs: Mapping[str, float] | None
    row: Row
    kind: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, required=True, help="folder of *.jsonl files")
    parser.add_argument("--own", type=Path, default=ROOT / "tests" / "corpus")
    parser.add_argument("--strangers", type=Path, default=ROOT / "tests" / "strangers")
    parser.add_argument("--write", action="store_true", help="write the files of the languages")
    options = parser.parse_args()
    if not options.corpus.is_dir():
        print(f"no corpus in {options.corpus}: nothing learned")
        return
    own = by_language([*mails_in(options.own), *sentences_in(options.own)])
    strange = by_language(mails_in(options.strangers))
    vocabularies = {
        code: learn([*own[code], *strange.get(code, ())]) for code in load_packs() if own.get(code)
    }
    examples = [
        *shared(options.corpus, packs_with(vocabularies)),
        *strangers(own, strange),
    ]
    asked = [example for example in examples if example.signs is not None]
    print(f"{len(examples)} mails, {len(asked)} weighed; sources: {sources(asked)}")
    unseen = judged_unseen(asked)
    slope, offset = platt(asked, unseen)
    report(examples, asked, unseen * slope + offset)
    model = fit(asked)
    model = Model(
        model.intercept * slope + offset,
        {name: weight * slope for name, weight in model.weights.items()},
    )
    show(model)
    if options.write:
        for code, vocabulary in vocabularies.items():
            (LANGUAGES / "words" / f"{code}.json").write_text(as_json(vocabulary), "utf-8")
        FILE.write_text(as_toml(model), encoding="utf-8")
        draw(bands(asked, unseen * slope + offset))
        print(f"wrote {FILE.relative_to(ROOT)}, the vocabularies and {PICTURE.relative_to(ROOT)}")


def by_language(mails: Iterable[Mail]) -> Mapping[str, list[Mail]]:
    found: dict[str, list[Mail]] = defaultdict(list)
    for mail in mails:
        found[mail.language].append(mail)
    return found


def packs_with(vocabularies: Mapping[str, Vocabulary]) -> Packs:
    """The packs, with these vocabularies and without an opinion."""
    return {
        code: replace(pack, model=Model(), load=phrasing(pack, vocabularies.get(code)))
        for code, pack in load_packs().items()
    }


def phrasing(pack: LanguagePack, vocabulary: Vocabulary | None) -> Callable[[], Phrasing]:
    return lambda: replace(pack.load(), vocabulary=vocabulary or Vocabulary())


# ---- examples ----------------------------------------------------------------------------------


def shared(folder: Path, packs: Packs) -> Iterator[Example]:
    for row in read_rows(folder):
        if any(row.get(note) for note in LEFT_OUT) or row["id"] in DOUBTFUL_LABELS:
            continue
        message = message_of(row)
        found = found_signs(message, packs)
        yield Example(row["source"], row["label"] == "rejection", message, found, row)


def strangers(
    own: Mapping[str, list[Mail]], strange: Mapping[str, list[Mail]]
) -> Iterator[Example]:
    """The invented mails of strangers, each with what a vocabulary without it makes of its words."""
    for code, mails in sorted(strange.items()):
        for part in range(FOLDS):
            left_out = [mail for mail in mails if fold_of(mail) == part]
            others = [mail for mail in mails if fold_of(mail) != part]
            packs = packs_with({code: learn([*own[code], *others])})
            for mail in left_out:
                found = found_signs(mail.message, packs)
                source = f"{STRANGERS}-{code}"
                yield Example(source, mail.is_no, mail.message, found, {}, mail.kind)


def fold_of(mail: Mail) -> int:
    name = "/".join(mail.path.parts[-3:])
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % FOLDS


def found_signs(message: Message, packs: Packs) -> Mapping[str, float] | None:
    """What the second opinion is asked about a mail; None where it is not asked."""
    subject = Sentence(message.subject, fold(message.subject.replace("\n", " ")))
    words = sentences(message.own_words or ("" if message.has_forward else message.text))
    chosen = recognise((subject.folded, *(sentence.folded for sentence in words)), packs)
    best: tuple[float, Mapping[str, float]] | None = None
    for reading in (Reading.of(pack, subject, words) for pack in chosen):
        verdict = by_phrases(reading)
        weight = max((one.hit.frame.weight for one in reading.standing()), default=0.0)
        if weight and (best is None or weight > best[0]):
            best = weight, signs(reading, verdict)
    return best[1] if best else None


def sources(asked: Iterable[Example]) -> str:
    return ", ".join(sorted({example.source for example in asked}))


# ---- learning ----------------------------------------------------------------------------------


def fit(examples: list[Example]) -> Model:
    """A logistic regression in which no sign may count against what it means.

    Real and invented mail, and nos and other mail within each, weigh the same in sum.
    """
    names = sorted({name for one in examples for name in one.signs or ()})
    kinds = [(one.source.startswith(STRANGERS), one.is_no) for one in examples]
    times = Counter(kinds)
    weight = np.array([len(examples) / (len(times) * times[kind]) for kind in kinds])
    table = np.array([[(one.signs or {}).get(n, 0.0) for n in (*names, "")] for one in examples])
    table[:, -1] = 1.0
    toward = np.where([one.is_no for one in examples], 1.0, -1.0)
    bounds = [(0, None) if meaning(name) > 0 else (None, 0) for name in names] + [(None, None)]

    def loss(given: np.ndarray) -> tuple[float, np.ndarray]:
        margin = toward * (table @ given)
        inner = given * np.append(np.ones(len(names)), 0.0)
        slope = -table.T @ (weight * toward * (0.5 - np.tanh(margin / 2) / 2))
        cost = float((weight * np.logaddexp(0, -margin)).sum())
        return cost + float(inner @ inner) / (2 * STRENGTH), slope + inner / STRENGTH

    start = np.zeros(len(names) + 1)
    learned = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    given = {name: float(one) for name, one in zip(names, learned, strict=False) if one}
    return Model(float(learned[-1]), given)


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


def report(examples: list[Example], asked: list[Example], said: np.ndarray) -> None:
    """Phrases alone beside the opinion of a model that has not seen the source."""
    opinions = {id(one): float(odds) for one, odds in zip(asked, said, strict=True)}
    alone = packs_with({})
    print(f"\n{'left out in turn':34}{'phrases alone':>38}{'with the opinion':>38}")
    for name, group in groups(examples):
        rules = Counter(judge(one.message, alone).outcome for one in group)
        both = Counter(with_opinion(one, opinions.get(id(one))) for one in group)
        print(f"{name:34}{counts(rules):>38}{counts(both):>38}")
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
    invented = [one for one in examples if not one.row]
    for kind in sorted({one.kind for one in invented}):
        yield f"strangers, {kind}", [one for one in invented if one.kind == kind]
    for source in sorted({one.source for one in invented}):
        for is_no in (True, False):
            found = [one for one in invented if one.source == source and one.is_no is is_no]
            yield f"{source}, {'a no' if is_no else 'none'}", found


def with_opinion(example: Example, odds: float | None) -> Outcome:
    """What the opinion makes of the outcome by phrases; nothing where it was not asked."""
    if example.signs is None or odds is None:
        return Outcome.OTHER
    by = {"rules say no": Outcome.REJECTION, "rules are unsure": Outcome.UNSURE}
    phrases = next((by[name] for name in by if example.signs[name]), Outcome.OTHER)
    return moved(likelihood(odds), phrases, example.signs)


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

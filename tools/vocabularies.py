"""Learn which words speak for which kind of mail, from invented mail; `train_opinion.py` calls it."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from kitchenwall.adapters.mime import read_message
from kitchenwall.domain.message import Arrival, Cursor, Message
from kitchenwall.domain.sentences import fold, sentences
from kitchenwall.domain.vocabulary import IN_SUBJECT, UNIT, Leaning, Vocabulary, keys, scale_of

KINDS = Leaning._fields
STRENGTH = 20.0
LEAST_MAILS = 2
LEAST_DIFFERENCE = 50
WEIGHT_OF_A_SENTENCE = 0.25

# Invented mails are called after what they are, or after the number of their look-alike.
APPLICATIONS = re.compile(
    r"goes-on|receipt|invit|uitnodiging|status|assessment|reschedul|offer|oferta|alert|outreach|withdrawn"
    r"|survey|zusage|auto|recibida|entrevista|eingang|kvittering|erbjudande|einladung|n0?[1-7](?!\d)"
    r"|n(?:10|13|14|15|16|19|20|22|23|25|26|27)"
)
REFUSALS = re.compile(r"refusal|n17|n18|n21")


@dataclass(frozen=True, slots=True)
class Mail:
    """An invented mail: where it lies, its language, its kind, and its folded words."""

    path: Path
    language: str
    kind: str
    message: Message
    subject: str
    told: tuple[str, ...]
    weight: float = 1.0

    @property
    def is_no(self) -> bool:
        return self.kind == "rejection"


def mails_in(folder: Path) -> list[Mail]:
    """The mails of a folder of <language>/<label>/*.eml; answers to a no are left out."""
    found = []
    for path in sorted(folder.glob("**/*.eml"), key=lambda one: one.parts[-3:]):
        language, label = path.parts[-3:-1]
        if label in ("rejection", "other"):
            found.append(_mail(path, language, kind_of(path.name, label)))
    return found


def sentences_in(folder: Path) -> list[Mail]:
    """The sentences of <language>/sentences.toml, alone and in a short mail: nos, and what only looks like one."""
    found = []
    for path in sorted(folder.glob("*/sentences.toml")):
        told = tomllib.loads(path.read_text("utf-8"))
        for key, kind in (("no", "rejection"), ("not", "application")):
            alone = _texts(told, key)
            within = (told["round"].format(sentence) for sentence in alone)
            found += [_short(path, kind, text) for text in (*alone, *within)]
        for key, kind in (("mails_no", "rejection"), ("mails_not", "other")):
            found += [_short(path, kind, text) for text in _texts(told, key)]
    return found


def _texts(told: Mapping[str, Sequence[str]], key: str) -> list[str]:
    """What is read right and what is misread alike, in an order that a change of verdict keeps."""
    return sorted([*told.get(key, ()), *told.get(f"missed_{key}", ())])


def _short(path: Path, kind: str, text: str) -> Mail:
    message = Message(key="", sender=None, received=datetime.now(UTC), subject="", text=text)
    told = tuple(sentence.folded for sentence in sentences(text))
    return Mail(path, path.parts[-2], kind, message, " ", told, WEIGHT_OF_A_SENTENCE)


def kind_of(name: str, label: str) -> str:
    if label == "rejection":
        return "rejection"
    if APPLICATIONS.match(name):
        return "application"
    return "refusal" if REFUSALS.match(name) else "other"


def message_in(path: Path) -> Message:
    raw = path.read_bytes()
    arrival = Arrival(
        account="", login="", folder="", cursor=Cursor(0, 0), received=datetime.now(UTC),
        size=len(raw), raw=raw,
    )  # fmt: skip
    return read_message(arrival)


def _mail(path: Path, language: str, kind: str) -> Mail:
    message = message_in(path)
    words = message.own_words or ("" if message.has_forward else message.text)
    told = tuple(sentence.folded for sentence in sentences(words))
    return Mail(path, language, kind, message, fold(message.subject.replace("\n", " ")), told)


def learn(mails: Sequence[Mail]) -> Vocabulary:
    """The weights of the words of mails in one language; names of their people are masked."""
    spoken = [_words(mail) for mail in mails]
    times = Counter(key for words in spoken for key in {k for both in words for k in both})
    masked = _names(mails)
    known = sorted(k for k, n in times.items() if n >= LEAST_MAILS and k not in masked)
    places = {key: place for place, key in enumerate(known)}
    rows, columns, values = [], [], []
    for row, words in enumerate(spoken):
        found = [[places[key] for key in both if key in places] for both in words]
        found = [both for both in found if both]
        for place in (place for both in found for place in both):
            rows.append(row)
            columns.append(place)
            values.append(scale_of(len(found)))
    table = csr_matrix((values, (rows, columns)), shape=(len(mails), len(places)))
    learned = LogisticRegression(C=STRENGTH, fit_intercept=False, max_iter=3000)
    learned.fit(table, [mail.kind for mail in mails], _weights(mails))
    order = [list(learned.classes_).index(kind) for kind in KINDS]
    weights = np.round(learned.coef_[order] / UNIT).astype(int)
    return Vocabulary(
        {
            key: Leaning(*map(int, column))
            for key, column in zip(known, weights.T, strict=True)
            if column.max() - column.min() >= LEAST_DIFFERENCE
        },
    )


def _weights(mails: Sequence[Mail]) -> list[float]:
    """Each kind weighs the same in sum."""
    sums = dict.fromkeys(KINDS, 0.0)
    for mail in mails:
        sums[mail.kind] += mail.weight
    return [mail.weight * len(mails) / (len(sums) * sums[mail.kind]) for mail in mails]


def _words(mail: Mail) -> list[tuple[str, ...]]:
    words = {*" ".join(mail.told).split()}
    return [*keys(words), *keys({*mail.subject.split()}, IN_SUBJECT)]


def _names(mails: Iterable[Mail]) -> frozenset[str]:
    """Words that mostly stand where they are in a name of the mail's own sender or reader."""
    all_of, named = Counter[str](), Counter[str]()
    for mail in mails:
        people = (mail.message.sender, *mail.message.to)
        names = {w for one in people if one for w in fold(f"{one.name} {one.spec}").split()}
        for key in {k for both in _words(mail) for k in both}:
            all_of[key] += 1
            named[key] += key.strip(IN_SUBJECT) in names
    return frozenset(key for key, times in all_of.items() if named[key] * 2 > times)


def as_json(vocabulary: Vocabulary) -> str:
    """A vocabulary as it is shipped, one word a line."""
    words = ",\n".join(
        f"{json.dumps(word, ensure_ascii=False)}:{json.dumps(weights, separators=(',', ':'))}"
        for word, weights in sorted(vocabulary.weights.items())
    )
    return f"{{\n{words}\n}}\n"

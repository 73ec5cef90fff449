"""A second opinion: a small linear model over what was read in a mail, the same in every language.

It weighs what the phrases found (how strong a no is, whether it speaks to the reader and of a job,
which guards held others back, regret and wishes, invitations, receipts, times of day) together with
what the single words lean to (see `vocabulary`). `tools/train_opinion.py` learns the weights;
`languages/opinion.toml` holds them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from kitchenwall.domain.languages import Model
from kitchenwall.domain.reading import Decision, Reading
from kitchenwall.domain.verdict import Outcome, Verdict
from kitchenwall.domain.vocabulary import Leaning

_TIME_OF_DAY = re.compile(r" \d{1,2} \d{2} | \d{1,2} ?(?:uhr|am|pm|h|kl|godz) ")
_LONG_SENTENCE = 300
_LONG_MAIL = 25
_MUCH_ABOUT_A_JOB = 12
_MUCH_ABOUT_ANOTHER = 6
_SURE = 0.85
_SOFT = ("wishes", "keep", "try_again", "apology", "hard_choice")
_MACHINES = ("alert", "newsletter", "survey")
# Signs that speak against a no; "held back by ..." do too. All others speak for one.
AGAINST = frozenset(
    (
        "about something else", "long sentence", "in a list", *_MACHINES, "receipt", "invitation",
        "not yet", "told of others", "teaching", "general", "questions", "times of day", "long",
        "mail about something else", "vetoed", "words for an application",
        "words for a refusal", "words for other things", "welcome",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opinion:
    """How likely the no is one (0 to 1), and what each sign gave, the strongest first."""

    probability: float
    signs: tuple[tuple[str, float], ...]


def opinion(model: Model, found: Mapping[str, float]) -> Opinion:
    """What the model makes of the signs of a mail."""
    given = {name: value * model.weights.get(name, 0.0) for name, value in found.items()}
    total = model.intercept + sum(given.values())
    told = sorted(given.items(), key=lambda item: -abs(item[1]))
    return Opinion(
        1 / (1 + math.exp(-total)), tuple(item for item in told if abs(item[1]) >= 0.005)
    )


def signs(reading: Reading, verdict: Verdict) -> dict[str, float]:
    """What speaks for and against a no that stands, most signs from 0 to 1.

    `verdict` is that of phrases alone.
    """
    standing = reading.standing()
    leaning = reading.pack.vocabulary.leaning(reading.subject.sentence.folded, reading.told[1:])
    return {
        **_of_the_words(leaning),
        **_of_the_no(reading, standing),
        **_of_the_mail(reading),
        **{f"held back by {one.guard}": 1.0 for one in reading.decisions() if one.guard},
        "vetoed": float(bool(reading.decisions() and reading.veto())),
        "rules say no": float(verdict.outcome is Outcome.REJECTION),
        "rules are sure": max(0.0, verdict.confidence - _SURE) / (1 - _SURE)
        if verdict.outcome is Outcome.REJECTION
        else 0.0,
        "rules are unsure": float(verdict.outcome is Outcome.UNSURE),
    }


def is_addressed(found: Mapping[str, float]) -> bool:
    """Whether the mail tells its no to the reader of an application."""
    return bool(found.get("your application") or found.get("speaks to you"))


def is_outspoken(found: Mapping[str, float]) -> bool:
    """Whether a no says itself that it is to the reader and about a job, or stands to the reader beside an invitation."""
    contradicted = found.get("speaks to you") and found.get("invitation")
    return bool(found.get("says it all") or contradicted)


def _of_the_words(leaning: Leaning) -> dict[str, float]:
    return {
        "words for a no": leaning.rejection,
        "words for an application": leaning.application,
        "words for a refusal": leaning.refusal,
        "words for other things": leaning.other,
        "words ahead": leaning.lead,
    }


def _of_the_no(reading: Reading, standing: list[Decision]) -> dict[str, float]:
    best = max(standing, key=lambda one: one.hit.frame.weight)
    about = reading.about(best)
    written = best.place.sentence.written
    return {
        "strength": best.hit.frame.weight,
        "said twice": float(len({one.hit.frame.name for one in standing}) > 1),
        "speaks to you": float(any("you" in one.hit.frame.proves for one in standing)),
        "speaks of a job": float(any("job" in one.hit.frame.proves for one in standing)),
        "says it all": float(any(len(one.hit.frame.proves) > 1 for one in standing)),
        "early": 1 - min(one.place.index for one in standing) / max(1, len(reading.told)),
        "balance": (about.job - about.other) / (about.job + about.other + 1),
        "about a job": min(1.0, about.job / _MUCH_ABOUT_A_JOB),
        "about something else": min(1.0, about.other / _MUCH_ABOUT_ANOTHER),
        "you in the sentence": float(any(True for _ in best.place.of("address"))),
        "regret in the sentence": float(any(True for _ in best.place.of("soft", "apology"))),
        "long sentence": min(1.0, len(written) / _LONG_SENTENCE),
        "in a list": float(written.lstrip()[:1] in "-*•–"),
    }


def _of_the_mail(reading: Reading) -> dict[str, float]:
    folded = reading.told[1:]
    points = reading.about()
    return {
        "mail about a job": min(1.0, points.job / _MUCH_ABOUT_A_JOB),
        "names a job": float(points.names_a_job),
        "mail about something else": min(1.0, points.other / _MUCH_ABOUT_ANOTHER),
        "mail balance": (points.job - points.other) / (points.job + points.other + 1),
        "to a reader": float(reading.has("address", "reader")),
        "welcome": float(reading.has("positive")),
        **{name.replace("_", " "): float(reading.has("soft", name)) for name in _SOFT},
        **{name: float(reading.has("machine", name)) for name in _MACHINES},
        "receipt": float(reading.has("receipt")),
        "your application": float(reading.has("address", "application")),
        "invitation": float(bool(reading.invitations())),
        "not yet": float(reading.has("guard", "not_yet")),
        "told of others": float(reading.has("guard", "told")),
        "teaching": float(reading.has("guard", "teaching")),
        "general": float(reading.has("guard", "general")),
        "questions": min(1.0, sum(text.endswith(" ? ") for text in folded) / 3),
        "times of day": min(1.0, sum(bool(_TIME_OF_DAY.search(text)) for text in folded) / 2),
        "long": min(1.0, len(folded) / _LONG_MAIL),
    }

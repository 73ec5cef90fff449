"""Tell rejections from everything else, and say why.

A rejection rests on one affirmed decision sentence, addressed to the reader, about a job. What a
mail is by its headers (an automatic answer, a calendar entry, list mail) is asked first; then its
own words are read, sentence by sentence. Every step that decided names itself in the evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from kitchenwall.domain.answers import answers
from kitchenwall.domain.bulk import after_bulk
from kitchenwall.domain.first_look import NOTHING_KNOWN, Known, first_look
from kitchenwall.domain.languages import LanguagePack, recognise
from kitchenwall.domain.message import Message
from kitchenwall.domain.opinion import is_addressed, is_outspoken, opinion, signs
from kitchenwall.domain.reading import Decision, Reading, guard_of
from kitchenwall.domain.sentences import Sentence, fold, sentences
from kitchenwall.domain.verdict import Evidence, Outcome, Verdict

UNKNOWN_LANGUAGE = "und"

_CERTAIN_ENOUGH = 0.7
_WORTH_ASKING = 0.45
_NEVER_SURER = 0.98
_LESS_DOUBT = 0.7
_NEAR_A_NO = (("apology", "hard_choice"), ("wishes", "keep", "try_again"))
_SIGNS_OF_A_SWINDLE = 2
# From which likelihood on a mail is called a no, or put to the person.
_A_NO = 0.8
_PERHAPS = 0.3
_ORDER = (Outcome.OTHER, Outcome.UNSURE, Outcome.REJECTION, Outcome.FEEDBACK)
_BECAUSE = {
    Outcome.REJECTION: "its words together tell the reader a no",
    Outcome.UNSURE: "something in it says no, and something does not fit to one",
    Outcome.OTHER: "hardly anything beside its no fits to one",
}
_SETTLED = {
    "own-mail": "you wrote it yourself",
    "own-draft": "it is a draft of ours",
    "auto-reply": "it is an automatic answer",
    "report": "it is a delivery report",
    "calendar": "it is a calendar entry",
    "forward": "it only forwards another mail",
    "language": "it is in a language that cannot be read",
    "needs-thread": "it gives feedback, and nothing in it shows on which no",
    "phishing": "it asks for what swindlers ask for",
}


def judge(
    message: Message, packs: Mapping[str, LanguagePack], known: Known = NOTHING_KNOWN
) -> Verdict:
    """Judge a mail by its headers, its own words, and what is known besides.

    A mail in a language without a pack is never a rejection. `sentence` of the verdict is the
    sentence that decided, as it was written.
    """
    words = message.own_words or ("" if message.has_forward else message.text)
    read = sentences(words)
    subject = Sentence(message.subject, fold(message.subject.replace("\n", " ")))
    chosen = recognise((subject.folded, *(sentence.folded for sentence in read)), packs)
    if settled := first_look(message, subject, packs.values(), known):
        return _settled(chosen, settled)
    if not read and message.has_forward:
        return _settled(chosen, Evidence("forward", message.subject, -1.0))
    if not chosen:
        return _settled(chosen, Evidence("language", "", -1.0))
    if answered := answers(message, chosen, known):
        return _answer(Reading.of(chosen[0], subject, read), read, answered)
    if not any(_may_refuse(pack, subject, read) for pack in chosen):
        return _nothing(chosen[0])
    readings = [Reading.of(pack, subject, read) for pack in chosen]
    for settled in (_swindle(message, readings), _needs_thread(readings)):
        if settled:
            return _settled(chosen, settled)
    best = max((_weighed(reading) for reading in readings), key=_rank)
    return after_bulk(best, message, readings)


def _may_refuse(pack: LanguagePack, subject: Sentence, read: Iterable[Sentence]) -> bool:
    """Whether a decision, a farewell or feedback stands anywhere in it: most mail has none."""
    told = dict.fromkeys(sentence.folded for sentence in (subject, *read))
    return any(map(pack.index("decision", "soft.wishes", "answer.feedback").finds, told))


def _answer(reading: Reading, read: tuple[Sentence, ...], answered: Evidence) -> Verdict:
    """An answer to a no is feedback, unless it says nothing but "come and see us"."""
    invitations = reading.invitations()
    if invitations and not any(decision.stands for decision in reading.decisions()):
        place, hit = invitations[0]
        evidence = [answered, Evidence(f"positive:{hit.frame.name}", place.words(hit), -1.0)]
        because = "it follows a no, and it invites"
        return _verdict(reading, Outcome.OTHER, 0.8, None, because, evidence)
    index = reading.pack.index("reason", "feedback", "answer.feedback")
    telling = next((sentence for sentence in read if index.finds(sentence.folded)), None)
    return Verdict(
        outcome=Outcome.FEEDBACK,
        confidence=0.9 if telling else 0.7,
        language=reading.pack.code,
        sentence=telling.written if telling else "",
        because="it answers a no that came before",
        evidence=(answered,),
    )


def _swindle(message: Message, readings: list[Reading]) -> Evidence | None:
    """Two things that only swindlers ask for, or one where answers go to somebody else.

    A sentence that warns of swindlers names the same things and is none of theirs.
    """
    signs = {
        place.words(hit): place
        for reading in readings
        for place, hit in reading.of_group("machine", "scam")
        if not any(True for _ in place.of("machine", "scam_warning"))
    }
    needed = _SIGNS_OF_A_SWINDLE - _answers_go_elsewhere(message, readings[0].pack.names.webmail)
    if not signs or len(signs) < needed:
        return None
    return Evidence("phishing", next(iter(signs.values())).sentence.written, -1.0)


def _answers_go_elsewhere(message: Message, webmail: frozenset[str]) -> bool:
    """Whether answers go to an address that anybody can have, though the sender's is none."""
    sender = message.sender.domain if message.sender else ""
    return any(to.domain in webmail and to.domain != sender for to in message.reply_to)


def _needs_thread(readings: list[Reading]) -> Evidence | None:
    """Feedback that was asked for, where nothing shows which no it is about; one told here is shown."""
    for reading in readings:
        if any(len(one.hit.frame.proves) > 1 for one in reading.standing()):
            continue
        for place, _ in reading.of_group("answer", "feedback"):
            if place is not reading.subject:
                return Evidence("needs-thread", place.sentence.written, -1.0)
    return None


def _weighed(reading: Reading) -> Verdict:
    """What the phrases say, and what the second opinion makes of it together with the words."""
    verdict = by_phrases(reading)
    if not reading.pack.model.weights or not reading.standing():
        return verdict
    return _second_opinion(reading, verdict)


def by_phrases(reading: Reading) -> Verdict:
    """What the phrases alone say of a mail."""
    decisions = reading.decisions()
    if decisions and (veto := reading.veto()):
        evidence = [_evidence(Decision(d.place, d.hit, veto)) for d in decisions]
        because = f"the whole mail speaks against a no to the reader ({veto})"
        return _verdict(reading, Outcome.OTHER, 0.85, None, because, evidence)
    standing = reading.standing()
    evidence = [_evidence(decision) for decision in decisions]
    if standing:
        return _weigh(reading, standing, evidence)
    if not decisions and (implied := _implied(reading)):
        return _verdict(
            reading, Outcome.UNSURE, 0.5, implied, "it says goodbye without a no", evidence
        )
    if any(not guard_of(hit, reading.subject) for hit in reading.subject.of("decision")):
        return _only_in_subject(reading, evidence)
    if not decisions:
        return _nothing(reading.pack)
    because = f"every no in it is guarded ({decisions[0].guard})"
    return _verdict(reading, Outcome.OTHER, 0.9, None, because, evidence)


def _weigh(reading: Reading, standing: list[Decision], evidence: list[Evidence]) -> Verdict:
    """From affirmed decisions to an outcome: about what, to whom, and does anything contradict."""
    best = max(standing, key=lambda decision: decision.hit.frame.weight)
    about = reading.about(best)
    balance = (about.job - about.other) / (about.job + about.other or 1)
    told = f"{about.job:g} points for a job, {about.other:g} for something else"
    evidence.append(Evidence("about", told, round(balance, 2)))
    if about.is_another:
        return _verdict(reading, Outcome.OTHER, 0.85, best, "its no is not about a job", evidence)
    weight = _combined(reading, standing, evidence)
    if not ("job" in best.hit.frame.proves or (about.names_a_job and about.job > about.other)):
        weight -= 0.3
        evidence.append(Evidence("job", "hardly a word about a job", -0.3))
    if not ("you" in best.hit.frame.proves or reading.has("address", "application")):
        plain = about.job >= 6 and about.job > 2 * about.other
        missing = 0.15 if plain and reading.has("address", "reader") else 0.3
        weight -= missing
        evidence.append(Evidence("address", "no word about the reader's application", -missing))
    if invitations := reading.invitations():
        place, hit = invitations[0]
        evidence.append(Evidence(f"positive:{hit.frame.name}", place.words(hit), -hit.frame.weight))
        return _verdict(reading, Outcome.UNSURE, 0.5, best, "it says no and it invites", evidence)
    if weight >= _CERTAIN_ENOUGH:
        because = "a decision is told to the reader"
        return _verdict(reading, Outcome.REJECTION, weight, best, because, evidence)
    if weight >= _WORTH_ASKING:
        return _verdict(reading, Outcome.UNSURE, weight, best, "it may be a no", evidence)
    return _verdict(reading, Outcome.OTHER, 1 - weight, best, "its no is too weak", evidence)


def _second_opinion(reading: Reading, verdict: Verdict) -> Verdict:
    """The outcome that the likelihood of a no makes of all that was read."""
    found = signs(reading, verdict)
    told = opinion(reading.pack.model, found)
    no = told.probability
    outcome = moved(no, verdict.outcome, found)
    words = " ".join(reading.pack.vocabulary.strongest(reading.told))
    return replace(
        verdict,
        outcome=outcome,
        confidence=round(min(no if outcome is not Outcome.OTHER else 1 - no, _NEVER_SURER), 3),
        because=verdict.because if outcome is verdict.outcome else _BECAUSE[outcome],
        evidence=(
            *verdict.evidence,
            *(Evidence(f"opinion:{name}", words * name.startswith("words"), round(part, 2))
              for name, part in told.signs[:4]),
        ),
    )  # fmt: skip


def moved(no: float, phrases: Outcome, found: Mapping[str, float]) -> Outcome:
    """What the likelihood of a no makes of the outcome by phrases alone; `found` are its signs.

    It goes up only where a no is told to the reader of an application. What the phrases call a
    rejection, and an outspoken no, is never put aside: in doubt it is for the person.
    """
    outcome = Outcome.OTHER
    if no >= _PERHAPS:
        outcome = Outcome.REJECTION if no >= _A_NO else Outcome.UNSURE
    highest = Outcome.REJECTION if is_addressed(found) else phrases
    kept = phrases is Outcome.REJECTION or is_outspoken(found)
    lowest = min(Outcome.UNSURE, phrases, key=_ORDER.index) if kept else Outcome.OTHER
    return max(lowest, min(outcome, highest, key=_ORDER.index), key=_ORDER.index)


def _combined(reading: Reading, standing: list[Decision], evidence: list[Evidence]) -> float:
    """How sure the decisions and what stands near them make it together."""
    doubt = 1.0
    for weight in {d.hit.frame.name: d.hit.frame.weight for d in standing}.values():
        doubt *= 1 - weight
    for names in _NEAR_A_NO:
        if words := next(filter(None, (reading.words("soft", name) for name in names)), ""):
            evidence.append(Evidence("beside", words, round(doubt * (1 - _LESS_DOUBT), 2)))
            doubt *= _LESS_DOUBT
    return 1 - doubt


def _implied(reading: Reading) -> Decision | None:
    """A farewell that no decision precedes: good wishes for the search, besides regret or a file."""
    if any(reading.has("guard", name) for name in ("not_yet", "you_decided")):
        return None
    if reading.has("receipt") or reading.invitations():
        return None
    if not (reading.has("address", "application") and reading.has("context", "job")):
        return None
    if not any(
        reading.has("soft", name) for name in ("keep", "try_again", "apology", "hard_choice")
    ):
        return None
    found = ((place, hit) for place in reading.places for hit in place.of("soft", "wishes"))
    return next((Decision(place, hit, "") for place, hit in found), None)


def _only_in_subject(reading: Reading, evidence: list[Evidence]) -> Verdict:
    hit = next(reading.subject.of("decision"))
    evidence.append(Evidence(f"subject:{hit.frame.name}", reading.subject.words(hit), 0.3))
    if (
        reading.invitations()
        or not reading.has("address", "application")
        or not reading.has("context", "job")
    ):
        because = "only its subject sounds like a no"
        return _verdict(reading, Outcome.OTHER, 0.7, None, because, evidence)
    decision = Decision(reading.subject, hit, "")
    because = "its subject says no and its text does not"
    return _verdict(reading, Outcome.UNSURE, 0.5, decision, because, evidence)


def _evidence(decision: Decision) -> Evidence:
    frame = decision.hit.frame
    words = decision.place.words(decision.hit)
    if decision.stands:
        return Evidence(f"decision:{frame.name}", words, frame.weight)
    return Evidence(f"guard:{decision.guard}", words, -frame.weight)


def _verdict(
    reading: Reading,
    outcome: Outcome,
    confidence: float,
    decision: Decision | None,
    because: str,
    evidence: list[Evidence],
) -> Verdict:
    return Verdict(
        outcome=outcome,
        confidence=round(min(max(confidence, 0.05), _NEVER_SURER), 3),
        language=reading.pack.code,
        sentence=decision.place.sentence.written if decision else "",
        because=because,
        evidence=tuple(evidence),
    )


def _nothing(pack: LanguagePack) -> Verdict:
    return Verdict(
        outcome=Outcome.OTHER,
        confidence=0.9,
        language=pack.code,
        sentence="",
        because="nothing in it says no",
    )


def _settled(chosen: tuple[LanguagePack, ...], evidence: Evidence) -> Verdict:
    return Verdict(
        outcome=Outcome.OTHER,
        confidence=0.95,
        language=chosen[0].code if chosen else UNKNOWN_LANGUAGE,
        sentence="",
        because=_SETTLED[evidence.rule],
        evidence=(evidence,),
    )


def _rank(verdict: Verdict) -> tuple[int, float]:
    sure = verdict.confidence if verdict.outcome is not Outcome.OTHER else -verdict.confidence
    return _ORDER.index(verdict.outcome), sure

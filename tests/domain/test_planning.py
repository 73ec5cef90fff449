"""What is done with a mail, rule by rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kitchenwall.domain.conversation import Followed, Told
from kitchenwall.domain.facts import Fact, Facts, FeedbackLevel, Stage
from kitchenwall.domain.journal import DraftState
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.plan import Ask, Doubtful, Draft, Hold, NoRoute, Note, Plan, Route, Skip
from kitchenwall.domain.planning import RULES, Case, Policy, decide
from kitchenwall.domain.verdict import Outcome, Verdict

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
JANE = Address("jane.doe@acme.example", "Jane Doe")
CAN_BE_ANSWERED = f"it says no, and {JANE.spec} can be answered: it is a person's own address"
CLEAR = Verdict(
    outcome=Outcome.REJECTION, confidence=0.97, language="en", sentence="", because="it says no"
)
UNSURE = replace(CLEAR, outcome=Outcome.UNSURE, confidence=0.6, because="it sounds like a no")
OTHER = replace(CLEAR, outcome=Outcome.OTHER, confidence=0.9, because="it is a receipt")
FEEDBACK = replace(CLEAR, outcome=Outcome.FEEDBACK, because="it answers a no")
MESSAGE = Message(
    key="k", sender=JANE, received=NOON - timedelta(hours=1), subject="Your application"
)
PLAIN = Case(
    message=MESSAGE,
    verdict=CLEAR,
    facts=Facts(),
    routing=Route(JANE, "it is a person's own address"),
    now=NOON,
    own=frozenset({"robin@home.example"}),
)
FORWARD = replace(MESSAGE, subject="Fwd: Your application", has_forward=True)


def case(verdict: Verdict = CLEAR, facts: Facts | None = None, **more: Any) -> Case:
    """The plain case; what is no field of a case is a field of its message."""
    fields = {name: more.pop(name) for name in tuple(more) if name in Case.__slots__}
    message = replace(fields.pop("message", MESSAGE), **more)
    return replace(PLAIN, message=message, verdict=verdict, facts=facts or Facts(), **fields)


def says(*modifiers: str) -> Facts:
    return Facts(modifiers=tuple(Fact(one, "") for one in modifiers))


ANSWER = replace(CLEAR, outcome=Outcome.FEEDBACK, because="it answers a no that came before")
LETTER = Followed(event_id=7)
SPECIFIC = Facts(feedback=FeedbackLevel.SPECIFIC)
ROBIN = Address("robin@home.example")
TAGGED = Address("robin+jobs@home.example")

CASES: dict[str, tuple[Case, Plan]] = {
    "a clear rejection by a person": (case(), Draft(JANE, CAN_BE_ANSWERED)),
    "a verdict just sure enough": (
        case(replace(CLEAR, confidence=0.8)),
        Draft(JANE, CAN_BE_ANSWERED),
    ),
    "a verdict not quite sure enough": (
        case(replace(CLEAR, confidence=0.79)),
        Ask("it says no", JANE),
    ),
    "something that may be one": (case(UNSURE), Ask("it sounds like a no", JANE)),
    "something that may be one, of nobody": (
        case(UNSURE, routing=NoRoute("nobody reads it")),
        Ask("it sounds like a no", None),
    ),
    "something that may be one, of somebody doubtful": (
        case(UNSURE, routing=Doubtful(JANE, "odd")),
        Ask("it sounds like a no", None),
    ),
    "something old that may be one": (
        case(UNSURE, received=NOON - timedelta(days=30)),
        Ask("it sounds like a no", None),
    ),
    "something answered that may be one": (
        case(UNSURE, answered=True),
        Ask("it sounds like a no", None),
    ),
    "something that may be one, over the limit": (
        case(UNSURE, laid_hour=10),
        Ask("it sounds like a no", JANE),
    ),
    "something that may be a withdrawn offer": (
        case(UNSURE, Facts(stage=Stage.RESCIND)),
        Ask("it sounds like a no", None),
    ),
    "a receipt": (case(OTHER), Skip("it is a receipt")),
    "a receipt of nobody": (case(OTHER, routing=NoRoute("x")), Skip("it is a receipt")),
    "an answer to an earlier no": (case(FEEDBACK), Note("it answers a no")),
    "our own draft": (case(draft_ref="rr1.abc"), Skip("it is a draft of ours")),
    "our own draft that looks like nothing": (
        case(OTHER, draft_ref="rr1.abc"),
        Skip("it is a draft of ours"),
    ),
    "the person's own mail": (case(sender=ROBIN), Skip("you wrote it yourself")),
    "the person's own tagged address": (case(sender=TAGGED), Skip("you wrote it yourself")),
    "the person's own mail, unsure": (case(UNSURE, sender=ROBIN), Skip("you wrote it yourself")),
    "a bounce": (
        case(kinds=("multipart/report", "text/plain")),
        Skip("it is a report of a mail server about another mail"),
    ),
    "a delivery status": (
        case(kinds=("message/delivery-status",)),
        Skip("it is a report of a mail server about another mail"),
    ),
    "a mailer daemon": (
        case(sender=Address("mailer-daemon@acme.example")),
        Skip("it is a report of a mail server about another mail"),
    ),
    "an empty return path": (
        case(return_path="<>"),
        Note("it was sent so that nobody can answer (it has an empty return path)"),
    ),
    "an empty return path, unsure": (
        case(UNSURE, return_path=""),
        Skip("it was sent so that nobody can answer (it has an empty return path)"),
    ),
    "a full return path": (
        case(return_path="<bounce@acme.example>"),
        Draft(JANE, CAN_BE_ANSWERED),
    ),
    "an automatic answer": (
        case(UNSURE, auto_submitted="auto-replied"),
        Skip("it is an automatic answer"),
    ),
    "an automatic answer that clearly says no": (
        case(auto_submitted="Auto-Replied (vacation)"),
        Note("it is an automatic answer"),
    ),
    "an automatic mail that answers nothing": (
        case(auto_submitted="auto-generated"),
        Draft(JANE, CAN_BE_ANSWERED),
    ),
    "a mail that is expressly not automatic": (
        case(auto_submitted="no"),
        Draft(JANE, CAN_BE_ANSWERED),
    ),
    "a discussion": (
        case(list_id="support.example", list_post="<mailto:list@support.example>"),
        Skip("it came through a mailing list"),
    ),
    "a newsletter": (
        case(UNSURE, list_id="news.example"),
        Skip("it was sent to many people at once, as a list or a newsletter is"),
    ),
    "a clear rejection by bulk mail": (
        case(precedence="bulk"),
        Note("it was sent to many people at once, as a list or a newsletter is"),
    ),
    "a clear rejection marked as list": (
        case(precedence="List"),
        Note("it was sent to many people at once, as a list or a newsletter is"),
    ),
    "a hiring system's bulk mail": (
        case(precedence="bulk", list_id="acme.example", known_sender=True),
        Draft(JANE, CAN_BE_ANSWERED),
    ),
    "a way to unsubscribe alone": (
        case(list_unsubscribe=True),
        Draft(JANE, CAN_BE_ANSWERED),
    ),
    "another precedence": (
        case(precedence="first-class"),
        Draft(JANE, CAN_BE_ANSWERED),
    ),
    "an invitation": (
        case(UNSURE, kinds=("text/calendar",), calendar_method="REQUEST"),
        Skip("it is about an appointment in your calendar"),
    ),
    "a cancelled interview": (
        case(kinds=("text/plain", "text/calendar"), calendar_method="cancel"),
        Note("it cancels an appointment in your calendar"),
    ),
    "a forwarded rejection": (
        case(message=FORWARD),
        Note("it is forwarded, so an answer would go to somebody who did not decide"),
    ),
    "a forwarded rejection in German": (
        case(message=replace(FORWARD, subject="WG: Ihre Bewerbung")),
        Note("it is forwarded, so an answer would go to somebody who did not decide"),
    ),
    "a forwarded rejection in French": (
        case(message=replace(FORWARD, subject="TR : Votre candidature")),
        Note("it is forwarded, so an answer would go to somebody who did not decide"),
    ),
    "a forward that may be one": (
        case(UNSURE, message=FORWARD),
        Skip("it is forwarded, so an answer would go to somebody who did not decide"),
    ),
    "a forwarded mail as an attachment": (
        case(kinds=("text/plain", "message/rfc822")),
        Note("it is forwarded, so an answer would go to somebody who did not decide"),
    ),
    "a forwarded part under a subject of its own": (
        case(has_forward=True),
        Draft(JANE, CAN_BE_ANSWERED),
    ),
    "a withdrawn offer": (
        case(facts=Facts(stage=Stage.RESCIND)),
        Note("it takes back an offer: that deserves advice and your own words"),
    ),
    "an expired posting": (
        case(facts=Facts(stage=Stage.EXPIRED)),
        Note("the job board closed the posting; no employer wrote it"),
    ),
    "a mail that wants no answer": (
        case(facts=says("replies_refused")),
        Note("it asks not to be answered"),
    ),
    "a mail that gives no feedback": (
        case(facts=says("feedback_refused")),
        Draft(JANE, CAN_BE_ANSWERED),
    ),
    "an answered mail": (case(answered=True), Note("you have already answered it")),
    "a mail of 14 days": (
        case(received=NOON - timedelta(days=14)),
        Draft(JANE, CAN_BE_ANSWERED),
    ),
    "a mail of 15 days": (
        case(received=NOON - timedelta(days=15)),
        Note("it is 15 days old, and an answer after 14 days comes too late"),
    ),
    "an old mail that was moved to this server today": (
        case(date=NOON - timedelta(days=400)),
        Note("it is 400 days old, and an answer after 14 days comes too late"),
    ),
    "a mail from a clock that goes ahead": (
        case(received=NOON + timedelta(days=1), date=NOON + timedelta(days=3)),
        Draft(JANE, CAN_BE_ANSWERED),
    ),
    "an answer to a letter, of which nothing is on record": (
        case(ANSWER),
        Note("it answers a no that came before"),
    ),
    "an answer that says nothing": (
        case(replace(ANSWER, confidence=0.7), followed=LETTER),
        Note("it answers your letter, and says nothing that could be thanked for"),
    ),
    "an answer with something specific": (
        case(ANSWER, SPECIFIC, followed=LETTER),
        Draft(JANE, CAN_BE_ANSWERED.replace("it says no", "it answers your letter")),
    ),
    "a general answer": (
        case(ANSWER, followed=LETTER),
        Draft(JANE, CAN_BE_ANSWERED.replace("it says no", "it answers your letter")),
    ),
    "a general answer to the last question": (
        case(ANSWER, followed=replace(LETTER, asked_again=True)),
        Note("it answers in general again; a letter has asked once more already, so it is let go"),
    ),
    "a specific answer to the last question": (
        case(ANSWER, SPECIFIC, followed=replace(LETTER, asked_again=True)),
        Draft(JANE, CAN_BE_ANSWERED.replace("it says no", "it answers your letter")),
    ),
    "a no that was told before and has its letter": (
        case(told=Told(event_id=7, sender="x@acme.example", draft=DraftState.CREATED)),
        Note("it tells the no of event 7 again, and that one has its letter"),
    ),
    "a no that was told before by nobody who could be answered": (
        case(told=Told(event_id=7, sender="x@acme.example")),
        Draft(JANE, CAN_BE_ANSWERED),
    ),
    "nobody to answer": (case(routing=NoRoute("nobody reads it")), Note("nobody reads it")),
    "somebody doubtful": (case(routing=Doubtful(JANE, "odd")), Hold("odd", JANE)),
    "somebody doubtful and old": (
        case(routing=Doubtful(JANE, "odd"), received=NOON - timedelta(days=20)),
        Note("it is 20 days old, and an answer after 14 days comes too late"),
    ),
    "a language without a letter": (
        case(facts=Facts(language="fr")),
        Note('it is written in a language that there is no letter in yet ("fr")'),
    ),
    "nine drafts in an hour": (case(laid_hour=9), Draft(JANE, CAN_BE_ANSWERED)),
    "ten drafts in an hour": (
        case(laid_hour=10),
        Hold("10 drafts within an hour is more than usual; the limit is 10", JANE),
    ),
    "thirty drafts in a day": (
        case(laid_day=30),
        Hold("30 drafts within a day is more than usual; the limit is 30", JANE),
    ),
    "two drafts for one sender": (
        case(laid_sender_day=2),
        Hold("this sender got 2 drafts within a day; the limit is 2", JANE),
    ),
    "one draft for one sender": (
        case(laid_sender_day=1),
        Draft(JANE, CAN_BE_ANSWERED),
    ),
    "no sender at all": (case(sender=None, routing=NoRoute("no sender")), Note("no sender")),
}


@pytest.mark.parametrize("name", CASES)
def test_the_first_rule_that_matches_decides(name: str) -> None:
    given, expected = CASES[name]

    assert decide(given, Policy()) == expected


def test_every_rule_of_the_table_decides_at_least_one_case() -> None:
    alone = (case(ANSWER, SPECIFIC, followed=LETTER), Policy(thanks=False))
    given = (*((one, Policy()) for one, _ in CASES.values()), alone)
    deciding = {
        next((i for i, rule in enumerate(RULES) if rule.reason(one, policy)), None)
        for one, policy in given
    }

    assert deciding == {*range(len(RULES)), None}


def test_who_answers_such_mails_alone_gets_no_draft_for_them() -> None:
    specific = case(ANSWER, SPECIFIC, followed=LETTER)
    general = case(ANSWER, followed=LETTER)
    alone = Note("it answers your letter, and you answer such mails yourself")

    assert decide(specific, Policy(thanks=False)) == alone
    assert isinstance(decide(general, Policy(thanks=False)), Draft)
    assert decide(general, Policy(asks_again=False)) == alone


def test_a_policy_of_the_person_counts() -> None:
    old = case(received=NOON - timedelta(days=3))

    assert isinstance(decide(old, Policy(max_age_days=2)), Note)
    assert isinstance(decide(case(laid_hour=1), Policy(per_hour=1)), Hold)
    assert isinstance(decide(case(), Policy(draft_at=0.99)), Ask)


def test_reasons_are_one_line_without_a_full_stop() -> None:
    for given, _ in CASES.values():
        because = decide(given, Policy()).because
        assert because
        assert not because.endswith(".")
        assert "\n" not in because

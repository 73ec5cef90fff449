"""What every journal promises, whatever it is made of.

A store's own test module makes a class from `JournalContract` with a fixture `journal`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kitchenwall.domain.facts import Fact, Facts, FeedbackLevel, Stage
from kitchenwall.domain.journal import (
    FOLLOWS,
    DraftRow,
    DraftState,
    EventKind,
    NewEvent,
    Pass,
    Reply,
    Stop,
)
from kitchenwall.domain.message import Address, Arrival, Cursor
from kitchenwall.domain.questions import Asked, Question
from kitchenwall.domain.verdict import Evidence, Outcome, Verdict
from kitchenwall.errors import JournalTrouble
from kitchenwall.ports import FolderState, Journal

NOW = datetime(2026, 3, 2, 9, 30, 15, 250_000, tzinfo=UTC)
LOGIN = "alex@home.example"
DRAFTS = FolderState("Drafts", 77, 1001, 4)
SENTENCE = "We have decided to move forward with other candidates."


def an_event(
    key: str = "a" * 64,
    kind: EventKind = EventKind.DRAFT,
    *,
    login: str = LOGIN,
    sender: str = "jo@birch.example",
    recorded: datetime = NOW,
    company: str = "Birch Ltd",
    role: str = "Baker",
    person: str = "Jo Marsh",
) -> NewEvent:
    """A rejection from a company that nobody knows."""
    return NewEvent(
        source_key=key,
        account="home",
        login=login,
        folder="INBOX",
        cursor=Cursor(5, 42),
        received=NOW - timedelta(minutes=3),
        recorded=recorded,
        kind=kind,
        because="a plain no",
        sender=Address(sender, "Jo Marsh"),
        subject="Your application",
        message_id="<m1@birch.example>",
        verdict=Verdict(
            outcome=Outcome.REJECTION,
            confidence=0.97,
            language="en",
            sentence=SENTENCE,
            because="a sentence that decides",
            evidence=(Evidence("en.other_candidates", "other candidates", 2.5),),
        ),
        facts=Facts(
            stage=Stage.INTERVIEW,
            company=Fact(company, f"at {company}") if company else None,
            role=Fact(role, f"the role of {role}") if role else None,
            person=Fact(person, person) if person else None,
            feedback=FeedbackLevel.GENERIC,
            modifiers=(Fact("door_open", "apply again"),),
        ),
    )


def a_reply(ref: str = "rr1.first", to: str = "jo@birch.example", question: str = "hint") -> Reply:
    """An answer with its id in it twice, as drafts have."""
    message_id = f"<{ref}@home.example>"
    lines = (
        "From: Alex Rowan <alex@home.example>",
        f"To: {to}",
        "Subject: Re: Your application",
        f"Message-ID: {message_id}",
        f"X-Draft-Ref: {ref}",
        "",
        "Thank you for telling me.",
        "",
    )
    return Reply(
        ref=ref,
        message_id=message_id,
        recipient=Address(to, "Jo Marsh"),
        subject="Re: Your application",
        data="\r\n".join(lines).encode(),
        question=question,
        remarks=("why this question: nobody has talked with you", "best sent in the morning"),
    )


def an_arrival(raw: bytes = b"\xff\xfe broken", login: str = LOGIN, uid: int = 9) -> Arrival:
    return Arrival(
        account="home",
        login=login,
        folder="INBOX",
        cursor=Cursor(5, uid),
        received=NOW,
        size=len(raw),
        raw=raw,
    )


def a_draft(journal: Journal, state: DraftState, key: str = "a" * 64) -> DraftRow:
    """A draft that was brought into this state the way the program does it."""
    first = DraftState.OFFERED if state is DraftState.OFFERED else DraftState.PLANNED
    event_id = journal.record(an_event(key), a_reply(f"rr1.{key}"), first)
    draft = journal.draft_of(event_id)
    assert draft is not None
    if state in (DraftState.INTENT, DraftState.CREATED):
        journal.intend(draft.id, DRAFTS, NOW)
    if state is DraftState.CREATED:
        journal.created(draft.id, 77, 1001, "verified")
    if state in (DraftState.HELD, DraftState.SKIPPED):
        journal.settle(draft.id, state, "for the test")
    draft = journal.draft_of(event_id)
    assert draft is not None
    assert draft.state is state
    return draft


class JournalContract:
    """Inherit and give a fixture `journal` with an empty journal."""

    def test_a_recorded_no_is_known_by_its_msg_id_in_its_own_mailbox(
        self, journal: Journal
    ) -> None:
        journal.record(an_event(), None, DraftState.OFFERED)
        assert journal.knows_no(LOGIN, ("<x@y.example>", "<m1@birch.example>"))
        assert not journal.knows_no("other@home.example", ("<m1@birch.example>",))
        assert not journal.knows_no(LOGIN, ("<x@y.example>",))
        assert not journal.knows_no(LOGIN, ())

    @pytest.mark.parametrize("kind", [EventKind.ASK, EventKind.DISMISSED, EventKind.UNREADABLE])
    def test_what_is_no_no_is_not_known_as_one(self, journal: Journal, kind: EventKind) -> None:
        journal.record(an_event(kind=kind), None, DraftState.OFFERED)
        assert not journal.knows_no(LOGIN, ("<m1@birch.example>",))

    def test_a_folder_that_was_never_read_has_no_cursor(self, journal: Journal) -> None:
        assert journal.cursor(LOGIN, "INBOX") is None

    def test_a_cursor_is_kept_for_each_login_and_folder(self, journal: Journal) -> None:
        journal.move_cursor(LOGIN, "INBOX", Cursor(5, 10))
        journal.move_cursor(LOGIN, "INBOX", Cursor(5, 12))
        journal.move_cursor(LOGIN, "Jobs", Cursor(6, 1))
        journal.move_cursor("other", "INBOX", Cursor(7, 4_294_967_295))
        assert journal.cursor(LOGIN, "INBOX") == Cursor(5, 12)
        assert journal.cursor(LOGIN, "Jobs") == Cursor(6, 1)
        assert journal.cursor("other", "INBOX") == Cursor(7, 4_294_967_295)

    def test_an_event_comes_back_as_it_was_recorded(self, journal: Journal) -> None:
        event_id = journal.record(an_event(), a_reply(), DraftState.PLANNED)
        event = journal.event(event_id)
        assert event is not None
        assert event.id == event_id
        assert (event.source_key, event.account, event.login) == ("a" * 64, "home", LOGIN)
        assert (event.folder, event.cursor) == ("INBOX", Cursor(5, 42))
        assert (event.received, event.recorded) == (NOW - timedelta(minutes=3), NOW)
        assert (event.kind, event.because) == (EventKind.DRAFT, "a plain no")
        assert event.sender == Address("jo@birch.example", "Jo Marsh")
        assert (event.subject, event.message_id) == ("Your application", "<m1@birch.example>")
        assert (event.outcome, event.confidence, event.language) == ("rejection", 0.97, "en")
        assert event.sentence == SENTENCE
        assert (event.company, event.role, event.person) == ("Birch Ltd", "Baker", "Jo Marsh")
        assert (event.stage, event.feedback) == ("interview", "generic")
        assert event.draft is DraftState.PLANNED

    def test_an_event_without_anything_read_is_an_event(self, journal: Journal) -> None:
        bare = NewEvent(
            source_key="b" * 64,
            account="home",
            login=LOGIN,
            folder="INBOX",
            cursor=Cursor(1, 1),
            received=NOW,
            recorded=NOW,
            kind=EventKind.NOTE,
            because="nobody to answer",
        )
        event = journal.event(journal.record(bare, None, DraftState.PLANNED))
        assert event is not None
        assert (event.sender, event.message_id, event.draft) == (None, None, None)
        assert (event.outcome, event.company, event.stage) == ("", "", "")

    def test_an_unknown_number_is_no_event(self, journal: Journal) -> None:
        assert journal.event(1) is None
        assert journal.draft_of(1) is None

    def test_recording_a_key_twice_changes_nothing(self, journal: Journal) -> None:
        first = journal.record(an_event(), a_reply(), DraftState.PLANNED)
        again = journal.record(
            an_event(kind=EventKind.HOLD, company="Other"), a_reply("rr1.x"), DraftState.OFFERED
        )
        assert again == first
        assert len(journal.events()) == len(journal.drafts(*DraftState)) == 1
        event = journal.event(first)
        assert event is not None
        assert (event.kind, event.company) == (EventKind.DRAFT, "Birch Ltd")

    def test_the_journal_knows_a_key_once_it_is_recorded(self, journal: Journal) -> None:
        assert not journal.knows("a" * 64)
        journal.record(an_event(), None, DraftState.PLANNED)
        assert journal.knows("a" * 64)
        assert not journal.knows("b" * 64)

    def test_half_characters_in_a_mail_do_no_harm(self, journal: Journal) -> None:
        event_id = journal.record(an_event(company="Bir\udce4ch", person="\ud800"), None, _OFFERED)
        event = journal.event(event_id)
        assert event is not None
        assert event.company.startswith("Bir")

    def test_events_come_newest_first_and_by_kind(self, journal: Journal) -> None:
        kinds = (EventKind.NOTE, EventKind.ASK, EventKind.HOLD, EventKind.ASK)
        ids = [
            journal.record(an_event(f"{n:064d}", kind), None, DraftState.OFFERED)
            for n, kind in enumerate(kinds)
        ]
        assert [event.id for event in journal.events()] == ids[::-1]
        assert [event.id for event in journal.events(limit=2)] == ids[:1:-1]
        assert [event.id for event in journal.events(EventKind.ASK)] == [ids[3], ids[1]]
        both = journal.events(EventKind.NOTE, EventKind.HOLD, limit=1)
        assert [event.id for event in both] == [ids[2]]

    def test_an_unreadable_mail_is_remembered_once(self, journal: Journal) -> None:
        journal.quarantine(an_arrival(), "no headers", NOW)
        journal.quarantine(an_arrival(uid=10), "no headers", NOW + timedelta(hours=1))
        journal.quarantine(an_arrival(b"another"), "too deep", NOW)
        journal.quarantine(an_arrival(login="other"), "no headers", NOW)
        events = journal.events(EventKind.UNREADABLE)
        assert len(events) == 3
        assert events[-1].because == "no headers"
        assert (events[-1].cursor, events[-1].recorded) == (Cursor(5, 9), NOW)

    def test_a_draft_comes_back_to_the_byte(self, journal: Journal) -> None:
        reply = a_reply()
        event_id = journal.record(an_event(), reply, DraftState.PLANNED)
        draft = journal.draft_of(event_id)
        assert draft is not None
        assert (draft.event_id, draft.login, draft.generation) == (event_id, LOGIN, 0)
        assert (draft.ref, draft.message_id, draft.data) == (
            reply.ref,
            reply.message_id,
            reply.data,
        )
        assert (draft.recipient, draft.subject) == (reply.recipient, reply.subject)
        assert (draft.state, draft.created) == (DraftState.PLANNED, NOW)
        assert (draft.folder, draft.uidvalidity, draft.uidnext) == (None, None, None)
        assert (draft.uid, draft.intended) == (None, None)
        assert (draft.source_id, draft.source_folder) == ("<m1@birch.example>", "INBOX")
        assert (draft.source, draft.source_received) == (Cursor(5, 42), NOW - timedelta(minutes=3))
        assert journal.drafts(DraftState.PLANNED) == (draft,)

    def test_drafts_come_in_order_by_state_and_login(self, journal: Journal) -> None:
        for n, login in enumerate((LOGIN, "other", LOGIN)):
            state = DraftState.OFFERED if n == 2 else DraftState.PLANNED
            journal.record(an_event(f"{n:064d}", login=login), a_reply(f"rr1.{n}"), state)
        refs = [draft.ref for draft in journal.drafts(DraftState.PLANNED)]
        assert refs == ["rr1.0", "rr1.1"]
        both = journal.drafts(DraftState.PLANNED, DraftState.OFFERED, login=LOGIN)
        assert [draft.ref for draft in both] == ["rr1.0", "rr1.2"]
        assert journal.drafts(DraftState.HELD) == ()

    def test_a_draft_goes_from_planned_to_intent_to_created(self, journal: Journal) -> None:
        draft = a_draft(journal, DraftState.PLANNED)
        journal.intend(draft.id, DRAFTS, NOW)
        (draft,) = journal.drafts(DraftState.INTENT)
        assert (draft.folder, draft.uidvalidity, draft.uidnext) == ("Drafts", 77, 1001)
        assert (draft.intended, draft.uid) == (NOW, None)
        journal.created(draft.id, 77, 1001, "verified under its id")
        (draft,) = journal.drafts(DraftState.CREATED)
        assert (draft.uidvalidity, draft.uid) == (77, 1001)
        assert (draft.because, draft.folder) == ("verified under its id", "Drafts")

    def test_an_intent_that_did_not_happen_leaves_no_trace(self, journal: Journal) -> None:
        draft = a_draft(journal, DraftState.PLANNED)
        journal.intend(draft.id, DRAFTS, NOW)
        journal.settle(draft.id, DraftState.PLANNED, draft.because)
        assert journal.drafts(DraftState.PLANNED) == (draft,)

    def test_a_held_draft_keeps_where_it_was_about_to_be_laid(self, journal: Journal) -> None:
        draft = a_draft(journal, DraftState.INTENT)
        journal.settle(draft.id, DraftState.HELD, "nobody knows")
        (held,) = journal.drafts(DraftState.HELD)
        assert (held.uidnext, held.because) == (1001, "nobody knows")

    @pytest.mark.parametrize("before", DraftState)
    @pytest.mark.parametrize("after", [DraftState.PLANNED, DraftState.HELD, DraftState.SKIPPED])
    def test_a_draft_is_settled_only_as_the_table_says(
        self, journal: Journal, before: DraftState, after: DraftState
    ) -> None:
        draft = a_draft(journal, before)
        if after in FOLLOWS[before]:
            journal.settle(draft.id, after, "why")
            (settled,) = journal.drafts(*DraftState)
            assert (settled.state, settled.because) == (after, "why")
        else:
            with pytest.raises(JournalTrouble, match=f"{before}.*{after}"):
                journal.settle(draft.id, after, "why")
            assert journal.drafts(*DraftState) == (draft,)

    @pytest.mark.parametrize("before", DraftState)
    def test_only_a_planned_draft_can_be_intended(
        self, journal: Journal, before: DraftState
    ) -> None:
        draft = a_draft(journal, before)
        if before is DraftState.PLANNED:
            journal.intend(draft.id, DRAFTS, NOW)
        else:
            with pytest.raises(JournalTrouble, match=f"{before}.*intent"):
                journal.intend(draft.id, DRAFTS, NOW)

    @pytest.mark.parametrize("state", [DraftState.OFFERED, DraftState.INTENT, DraftState.CREATED])
    def test_nothing_is_settled_into_the_middle(self, journal: Journal, state: DraftState) -> None:
        draft = a_draft(journal, DraftState.PLANNED)
        with pytest.raises(JournalTrouble):
            journal.settle(draft.id, state, "why")

    def test_an_unknown_draft_cannot_be_moved(self, journal: Journal) -> None:
        with pytest.raises(JournalTrouble, match="12"):
            journal.settle(12, DraftState.HELD, "why")
        with pytest.raises(JournalTrouble, match="12"):
            journal.intend(12, DRAFTS, NOW)

    def test_a_held_draft_is_renewed_with_new_bytes(self, journal: Journal) -> None:
        draft = a_draft(journal, DraftState.INTENT)
        journal.settle(draft.id, DraftState.HELD, "nobody knows")
        journal.renew(draft.id, a_reply("rr1.second"))
        (renewed,) = journal.drafts(DraftState.PLANNED)
        assert (renewed.id, renewed.generation, renewed.ref) == (draft.id, 1, "rr1.second")
        assert renewed.data == a_reply("rr1.second").data
        assert (renewed.folder, renewed.uidnext, renewed.intended) == (None, None, None)

    @pytest.mark.parametrize("state", [DraftState.INTENT, DraftState.SKIPPED])
    def test_an_uncertain_or_skipped_draft_is_renewed_too(
        self, journal: Journal, state: DraftState
    ) -> None:
        draft = a_draft(journal, state)
        journal.renew(draft.id, a_reply("rr1.second"))
        (renewed,) = journal.drafts(*DraftState)
        assert (renewed.state, renewed.generation) == (DraftState.PLANNED, 1)

    @pytest.mark.parametrize("state", [DraftState.OFFERED, DraftState.PLANNED, DraftState.CREATED])
    def test_no_other_draft_is_renewed(self, journal: Journal, state: DraftState) -> None:
        draft = a_draft(journal, state)
        with pytest.raises(JournalTrouble, match=state):
            journal.renew(draft.id, a_reply("rr1.second"))
        assert journal.drafts(*DraftState) == (draft,)

    def test_limits_count_what_was_planned_since_then(self, journal: Journal) -> None:
        hour = timedelta(hours=1)
        for n, (login, sender, state) in enumerate(
            (
                (LOGIN, "jo@birch.example", DraftState.PLANNED),
                (LOGIN, "kim@oak.example", DraftState.PLANNED),
                (LOGIN, "jo@birch.example", DraftState.OFFERED),
                ("other", "jo@birch.example", DraftState.PLANNED),
            )
        ):
            event = an_event(f"{n:064d}", login=login, sender=sender, recorded=NOW + n * hour)
            journal.record(event, a_reply(f"rr1.{n}"), state)
        assert journal.laid_since(LOGIN, NOW) == 2
        assert journal.laid_since(LOGIN, NOW + timedelta(microseconds=1)) == 1
        assert journal.laid_since(LOGIN, NOW, "jo@birch.example") == 1
        assert journal.laid_since(LOGIN, NOW + 3 * hour) == 0
        assert journal.laid_since("other", NOW) == 1

    def test_what_letters_asked_is_known_in_order_with_their_company(
        self, journal: Journal
    ) -> None:
        for n, (company, question, state) in enumerate(
            (
                ("Birch Ltd", "pointer", DraftState.PLANNED),
                ("", "area", DraftState.PLANNED),
                ("Elm", "level", DraftState.OFFERED),
                ("Oak", "nothing", DraftState.PLANNED),
                ("BIRCH", "hint", DraftState.PLANNED),
            )
        ):
            event = an_event(f"{n:064d}", company=company, recorded=NOW + timedelta(hours=n))
            journal.record(event, a_reply(f"rr1.{n}", question=question), state)
        assert journal.asked() == (
            Asked("birch", Question.POINTER), Asked("", Question.AREA), Asked("birch", Question.HINT),
        )  # fmt: skip
        last = journal.drafts()[-1]
        journal.settle(last.id, DraftState.SKIPPED, "answered already")
        assert len(journal.asked()) == 2

    def test_a_letter_is_unanswered_until_something_follows_its_no(self, journal: Journal) -> None:
        hour = timedelta(hours=1)
        draft = a_draft(journal, DraftState.CREATED)
        assert journal.unanswered(LOGIN, NOW - hour, NOW + hour) == (draft,)
        assert journal.unanswered("other", NOW - hour, NOW + hour) == ()
        assert journal.unanswered(LOGIN, NOW + hour, NOW + 2 * hour) == ()
        assert journal.unanswered(LOGIN, NOW - hour, NOW) == ()
        again = replace(an_event("b" * 64), follows=draft.event_id)
        journal.record(again, None, DraftState.OFFERED)
        assert journal.unanswered(LOGIN, NOW - hour, NOW + hour) == (draft,)
        reminder = replace(an_event("c" * 64), follows=draft.event_id, verdict=None)
        journal.record(reminder, None, DraftState.OFFERED)
        assert journal.unanswered(LOGIN, NOW - hour, NOW + hour) == ()
        assert [one.follows for one in journal.answers_to(draft.event_id)] == [draft.event_id] * 2

    @pytest.mark.parametrize("state", [DraftState.PLANNED, DraftState.SKIPPED, DraftState.HELD])
    def test_a_letter_that_does_not_lie_there_is_not_waited_for(
        self, journal: Journal, state: DraftState
    ) -> None:
        a_draft(journal, state)
        assert journal.unanswered(LOGIN, NOW - timedelta(days=9), NOW + timedelta(days=9)) == ()

    def test_an_answer_follows_the_no_by_its_id_or_by_that_of_our_letter(
        self, journal: Journal
    ) -> None:
        draft = a_draft(journal, DraftState.CREATED)
        for ids in (
            ["<m1@birch.example>"],
            [draft.message_id],
            ["<x@y.example>", draft.message_id],
        ):
            followed = journal.followed(LOGIN, ids)
            assert followed is not None
            assert (followed.event_id, followed.company) == (draft.event_id, "Birch Ltd")
            assert not followed.asked_again
        assert journal.followed("other", [draft.message_id]) is None
        assert journal.followed(LOGIN, ["<x@y.example>"]) is None

    def test_an_answer_to_the_last_question_follows_the_same_no(self, journal: Journal) -> None:
        first = a_draft(journal, DraftState.CREATED)
        answer = an_event("b" * 64)
        feedback = replace(answer, follows=first.event_id, message_id="<m2@birch.example>")
        journal.record(feedback, a_reply("rr1.last", question="specifics"), DraftState.PLANNED)
        followed = journal.followed(LOGIN, ["<m2@birch.example>"])
        assert followed is not None
        assert (followed.event_id, followed.asked_again) == (first.event_id, True)

    def test_the_nos_of_a_company_are_told_but_for_those_that_told_one_again(
        self, journal: Journal
    ) -> None:
        first = a_draft(journal, DraftState.PLANNED)
        again = replace(an_event("b" * 64, sender="x@system.example"), follows=first.event_id)
        journal.record(again, None, DraftState.OFFERED)
        since = NOW - timedelta(days=14)
        (told,) = journal.told(LOGIN, "birch", since)
        assert (told.event_id, told.role_key) == (first.event_id, "baker")
        assert (told.sender, told.draft) == ("jo@birch.example", DraftState.PLANNED)
        assert journal.told(LOGIN, "oak", since) == ()
        assert journal.told(LOGIN, "birch", NOW) == ()

    def test_a_no_that_was_told_again_has_the_letter_that_the_second_mail_got(
        self, journal: Journal
    ) -> None:
        first = journal.record(an_event(kind=EventKind.NOTE), None, DraftState.OFFERED)
        again = replace(an_event("b" * 64, sender="x@system.example"), follows=first)
        journal.record(again, a_reply("rr1.again"), DraftState.PLANNED)
        (told,) = journal.told(LOGIN, "birch", NOW - timedelta(days=14))
        assert (told.event_id, told.draft) == (first, DraftState.PLANNED)

    def test_what_the_person_called_none_is_not_waited_for(self, journal: Journal) -> None:
        draft = a_draft(journal, DraftState.CREATED)
        journal.dismiss(draft.event_id, "you said that this was none")
        assert journal.unanswered(LOGIN, NOW - timedelta(days=9), NOW + timedelta(days=9)) == ()

    def test_a_draft_keeps_its_time_until_it_is_hastened(self, journal: Journal) -> None:
        due = NOW + timedelta(days=1)
        journal.record(an_event(), a_reply(), DraftState.PLANNED, due)
        (draft,) = journal.drafts(DraftState.PLANNED)
        assert draft.due == due
        journal.hasten(draft.id)
        (draft,) = journal.drafts(DraftState.PLANNED)
        assert draft.due is None

    def test_a_draft_keeps_its_question_and_what_is_remarked_about_it(
        self, journal: Journal
    ) -> None:
        draft = a_draft(journal, DraftState.PLANNED)
        assert draft.question == "hint"
        assert draft.remarks == a_reply().remarks

    def test_a_dismissed_event_keeps_no_open_draft(self, journal: Journal) -> None:
        draft = a_draft(journal, DraftState.OFFERED)
        journal.dismiss(draft.event_id, "you said that this was none")
        event = journal.event(draft.event_id)
        assert event is not None
        assert (event.kind, event.draft) == (EventKind.DISMISSED, DraftState.SKIPPED)
        assert journal.knows("a" * 64)

    def test_a_draft_that_was_laid_survives_a_dismissal(self, journal: Journal) -> None:
        draft = a_draft(journal, DraftState.CREATED)
        journal.dismiss(draft.event_id, "you said that this was none")
        event = journal.event(draft.event_id)
        assert event is not None
        assert (event.kind, event.draft) == (EventKind.DISMISSED, DraftState.CREATED)

    def test_a_stop_lasts_until_it_is_lifted(self, journal: Journal) -> None:
        assert journal.stop(LOGIN) is None
        assert not journal.lift_stop(LOGIN)
        stop = Stop(LOGIN, "the server refused the password 3 times", NOW, "mark")
        journal.record_stop(Stop(LOGIN, "older", NOW - timedelta(days=1), "old"))
        journal.record_stop(stop)
        assert journal.stop(LOGIN) == stop
        assert journal.stop("other") is None
        assert journal.lift_stop(LOGIN)
        assert journal.stop(LOGIN) is None

    def test_the_last_pass_of_each_account_is_kept(self, journal: Journal) -> None:
        assert journal.passes() == ()
        journal.note_pass(Pass("z@home.example", "work", NOW, 3, "waiting"))
        journal.note_pass(Pass(LOGIN, "home", NOW, 1, "waiting"))
        last = Pass(LOGIN, "home", NOW + timedelta(minutes=9), 2, "away")
        journal.note_pass(last)
        assert journal.passes() == (last, Pass("z@home.example", "work", NOW, 3, "waiting"))

    def test_writes_to_a_server_can_be_told(self, journal: Journal) -> None:
        journal.wrote(LOGIN, "APPEND", "Drafts", "rr1.first, 300 bytes", NOW)

    def test_own_writes_are_no_change_by_another(self, journal: Journal) -> None:
        journal.changed()
        journal.record(an_event(), a_reply(), DraftState.PLANNED)
        assert not journal.changed()

    def test_any_thread_may_write(self, journal: Journal) -> None:
        def record(n: int) -> int:
            journal.move_cursor(LOGIN, f"folder {n}", Cursor(1, n))
            return journal.record(an_event(f"{n:064d}"), a_reply(f"rr1.{n}"), DraftState.PLANNED)

        with ThreadPoolExecutor(8) as pool:
            ids = set(pool.map(record, range(40)))
        assert len(ids) == len(journal.events()) == len(journal.drafts(DraftState.PLANNED)) == 40


_OFFERED = DraftState.OFFERED

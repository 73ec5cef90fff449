"""Every mail of the past is looked at as it came, and nothing else is done with it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kitchenwall.app.backfill import Past
from kitchenwall.app.pipeline import NO_MEMORY
from kitchenwall.app.review import review
from kitchenwall.domain.first_look import KnowsNo
from kitchenwall.domain.layers import Layer
from kitchenwall.domain.message import Address, Arrival, Message
from kitchenwall.domain.plan import Ask, Draft, Skip
from kitchenwall.domain.review import Reviewed
from kitchenwall.domain.verdict import Outcome, Verdict
from kitchenwall.ports import Judge
from tests.fakes.clock import FakeClock
from tests.fakes.mailbox import FakeMailbox, FakeServer
from tests.fakes.road import no, short_road


def by_outcome(_message: Message, verdict: Verdict) -> Layer:
    return Layer(verdict.outcome, verdict.outcome.value)


SHORT = short_road()


class AnsweredMailbox(FakeMailbox):
    """A mailbox in which every mail has been answered since."""

    def mails(self, folder: str, uids: Sequence[int]) -> Iterator[Arrival]:
        return (replace(arrival, answered=True) for arrival in super().mails(folder, uids))


def reviewed(
    *words: str,
    days_ago: int = 0,
    mailbox: type[FakeMailbox] = FakeMailbox,
    judge: Judge = SHORT.judge,
) -> list[Reviewed | None]:
    clock = FakeClock()
    server = FakeServer(now=clock.now)
    for number, word in enumerate(words, 1):
        server.deliver(no(number, word))
    start = clock.now()
    clock.pass_(days_ago * 86_400)
    box = mailbox(server)
    past = Past(
        box=box, headers=lambda folder, uids: ((m.cursor.uid, m.raw) for m in box.mails(folder, uids)),
        road=replace(SHORT, judge=judge), clock=clock, memory=NO_MEMORY, is_worth_reading=lambda _head: True,
    )  # fmt: skip
    found = list(review(past, "INBOX", start, by_outcome))
    assert server.drafts() == []
    return found


def test_each_mail_is_told_in_few_words_also_one_that_is_nothing() -> None:
    rejection, other, unreadable, perhaps = reviewed("no", "hello", "poison", "perhaps")
    assert unreadable is None
    assert rejection is not None
    assert (rejection.account, rejection.folder, rejection.cursor.uid) == ("post", "INBOX", 1)
    assert (rejection.sender, rejection.subject) == ("jobs1@acorn1.example", "Your application")
    assert (rejection.outcome, rejection.confidence) == (Outcome.REJECTION, 0.95)
    assert rejection.layer == Layer(Outcome.REJECTION, "rejection")
    assert rejection.plan == Draft(
        Address("jobs1@acorn1.example"),
        "it says no, and jobs1@acorn1.example can be answered: it wrote",
    )
    assert other is not None
    assert isinstance(other.plan, Skip)
    assert perhaps is not None
    assert isinstance(perhaps.plan, Ask)


def test_a_mail_of_last_year_is_looked_at_as_if_it_had_just_come() -> None:
    (old,) = reviewed("no", days_ago=300)
    assert old is not None
    assert isinstance(old.plan, Draft)


def test_a_mail_that_was_answered_since_had_no_answer_when_it_came() -> None:
    (mail,) = reviewed("no", mailbox=AnsweredMailbox)
    assert mail is not None
    assert isinstance(mail.plan, Draft)


def test_the_noes_that_came_before_are_remembered_and_no_others() -> None:
    known: list[tuple[bool, ...]] = []

    def judge(message: Message, knows_no: KnowsNo, /) -> Verdict:
        known.append(tuple(knows_no((f"<no-{number}@acorn.example>",)) for number in (1, 2, 3)))
        return SHORT.judge(message, knows_no)

    reviewed("no", "perhaps", "no", "hello", judge=judge)
    assert known == [
        (False, False, False),
        (True, False, False),
        (True, False, False),
        (True, False, True),
    ]

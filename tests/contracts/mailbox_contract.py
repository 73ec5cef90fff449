"""What every mailbox must do, in memory or on a server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from kitchenwall.domain.around import MAILS_MOST, Around
from kitchenwall.errors import FolderMissing
from kitchenwall.ports import Mailbox

LONG_AGO = timedelta(days=2)


class Place(Protocol):
    """A mailbox under test, and a way to put mail there from outside."""

    box: Mailbox

    def deliver(self, raw: bytes, folder: str = "INBOX") -> int: ...


def mail(number: int, body: str = "hello", **more: str) -> bytes:
    """A small mail; `more` are further header fields."""
    fields = {
        "From": "Jo <jo@acorn.example>",
        "Subject": f"mail {number}",
        "Message-ID": f"<m{number}@acorn.example>",
    }
    fields |= {name.replace("_", "-"): value for name, value in more.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{head}\r\n{body}\r\n".encode()


def near(
    *thread: str, address: str = "jo@acorn.example", house: str = "", ends: timedelta = LONG_AGO
) -> Around:
    """What lies near a mail from Jo of today."""
    now = datetime.now(UTC)
    return Around(
        thread=frozenset(thread),
        addresses=(address,),
        houses=(house,) if house else (),
        since=now - 100 * LONG_AGO,
        until=now + ends,
    )


class MailboxContract:
    """Subclasses give a fixture `place`."""

    def test_a_folder_tells_where_it_stands(self, place: Place) -> None:
        place.deliver(mail(1))
        state = place.box.examine("INBOX")
        assert (state.uidnext, state.messages) == (2, 1)
        assert place.box.status("INBOX") == state

    def test_arrivals_come_in_order_from_a_uid_on(self, place: Place) -> None:
        for number in (1, 2, 3):
            place.deliver(mail(number))
        found = list(place.box.arrivals("INBOX", 2))
        assert [arrival.cursor.uid for arrival in found] == [2, 3]
        assert found[0].raw == mail(2)
        assert found[0].size == len(mail(2))
        assert abs(found[0].received - datetime.now(UTC)) < timedelta(hours=1)

    def test_beyond_the_newest_there_are_no_arrivals(self, place: Place) -> None:
        place.deliver(mail(1))
        place.box.examine("INBOX")
        assert list(place.box.arrivals("INBOX", 2)) == []

    def test_an_empty_folder_has_no_arrivals(self, place: Place) -> None:
        assert list(place.box.arrivals("INBOX", 1)) == []

    def test_a_mail_that_came_after_the_folder_was_opened_arrives_too(self, place: Place) -> None:
        place.deliver(mail(1))
        place.box.examine("INBOX")
        place.deliver(mail(2))
        place.box.wait(0)
        assert [arrival.cursor.uid for arrival in place.box.arrivals("INBOX", 1)] == [1, 2]

    def test_named_mails_are_read_and_vanished_ones_left_out(self, place: Place) -> None:
        for number in (1, 2, 3):
            place.deliver(mail(number))
        assert [arrival.cursor.uid for arrival in place.box.mails("INBOX", [3, 1, 99])] == [1, 3]

    def test_a_missing_folder_is_named(self, place: Place) -> None:
        with pytest.raises(FolderMissing, match="Nowhere"):
            place.box.examine("Nowhere")

    def test_what_was_received_is_found_by_day(self, place: Place) -> None:
        place.deliver(mail(1))
        now = datetime.now(UTC)
        assert place.box.received_since("INBOX", now - LONG_AGO) == (1,)
        assert place.box.received_since("INBOX", now + LONG_AGO) == ()

    def test_a_draft_is_laid_and_seen(self, place: Place) -> None:
        before = place.box.examine("Drafts")
        draft = mail(
            7,
            X_Draft_Ref="rr1.abc",
            In_Reply_To="<a@b.example>",
            References="<c@d.example>\r\n <a@b.example>",
        )
        where = place.box.append_draft("Drafts", draft)
        assert where is None or (where.uidvalidity, where.uid) == (
            before.uidvalidity,
            before.uidnext,
        )
        (seen,) = place.box.sightings("Drafts", before.uidnext)
        assert (seen.message_id, seen.draft_ref) == ("<m7@acorn.example>", "rr1.abc")
        assert (seen.in_reply_to, seen.references) == (
            "<a@b.example>",
            "<c@d.example> <a@b.example>",
        )
        assert next(place.box.mails("Drafts", [seen.uid])).raw == draft

    def test_sightings_can_be_bounded(self, place: Place) -> None:
        for number in (1, 2, 3):
            place.deliver(mail(number), "Sent")
        assert [seen.uid for seen in place.box.sightings("Sent", 2, 2)] == [2]
        recent = place.box.sightings_since("Sent", datetime.now(UTC) - LONG_AGO, 2)
        assert [seen.uid for seen in recent] == [2, 3]

    def test_our_own_id_is_found_by_search(self, place: Place) -> None:
        ours = "<rr1.abcdef234567@mail.example>"
        place.deliver(mail(1, Message_ID=ours), "Drafts")
        assert place.box.find_ours("Drafts", ours) == (1,)
        assert place.box.find_ours("Drafts", "<rr1.zzzzzz@mail.example>") == ()

    def test_the_usual_folders_are_found(self, place: Place) -> None:
        uses = {use: place.box.folder_for(use) for use in ("drafts", "sent", "archive", "trash")}
        assert uses == {"drafts": "Drafts", "sent": "Sent", "archive": "Archive", "trash": "Trash"}

    def test_what_lies_near_is_found_by_address_by_house_and_by_conversation(
        self, place: Place
    ) -> None:
        letters = [
            mail(1),
            mail(2, From="Mia Kant <mia@jobs.acorn.example>"),
            mail(3, From="stranger@other.example"),
            mail(4, From="robot@other.example", References="<a@b.example>\r\n <m1@acorn.example>"),
            mail(5, From="mia@popacorn.example"),
        ]
        for letter in letters:
            place.deliver(letter)

        def found(around: Around) -> list[bytes]:
            return [arrival.raw for arrival in place.box.earlier(["INBOX"], around)]

        assert found(near()) == [letters[0]]
        assert found(near(house="acorn.example")) == letters[:2]
        assert found(near("<a@b.example>", address="x@y.example")) == [letters[3]]
        assert found(near("<m1@acorn.example>")) == [letters[0], letters[3]]
        assert found(near(address="nobody@nowhere.example")) == []

    def test_what_comes_later_does_not_lie_near(self, place: Place) -> None:
        place.deliver(mail(1))
        assert place.box.earlier(["INBOX"], near("<m1@acorn.example>", ends=-LONG_AGO / 2)) == ()

    def test_several_folders_are_looked_through_and_missing_ones_passed_over(
        self, place: Place
    ) -> None:
        place.deliver(mail(1))
        place.deliver(mail(2), "Archive")
        found = place.box.earlier(["INBOX", "Nowhere", "Archive", "Sent"], near())
        assert {(arrival.folder, arrival.raw) for arrival in found} == {
            ("INBOX", mail(1)),
            ("Archive", mail(2)),
        }

    def test_in_sent_folders_those_are_near_who_were_written_to(self, place: Place) -> None:
        sent = mail(1, From="me@home.example", To="Kim <kim@oak.example>, Jo <jo@acorn.example>")
        place.deliver(sent, "Archive")
        place.deliver(mail(2, To="kim@oak.example"), "Archive")
        found = place.box.earlier(["INBOX"], near(), ["Archive"])
        assert [arrival.raw for arrival in found] == [sent]

    def test_a_house_is_also_known_by_how_its_domain_begins(self, place: Place) -> None:
        place.deliver(mail(1))
        place.deliver(mail(2, From="Jo <jo@acornhill.example>"))
        around = replace(near(address="x@y.example"), labels=frozenset({"acorn"}))
        assert [arrival.raw for arrival in place.box.earlier(["INBOX"], around)] == [mail(1)]

    def test_of_many_only_the_newest_are_given(self, place: Place) -> None:
        for number in range(1, MAILS_MOST + 4):
            place.deliver(mail(number))
        found = place.box.earlier(["INBOX"], near())
        assert [arrival.cursor.uid for arrival in found] == list(range(4, MAILS_MOST + 4))

    def test_reading_goes_on_where_it_was_after_a_look_into_another_folder(
        self, place: Place
    ) -> None:
        for number in (1, 2, 3):
            place.deliver(mail(number))
        place.deliver(mail(4), "Archive")
        for read in (place.box.arrivals("INBOX", 1), place.box.mails("INBOX", [1, 2, 3])):
            seen = []
            for arrival in read:
                seen.append(arrival.cursor.uid)
                assert place.box.earlier(["Archive"], near())
            assert seen == [1, 2, 3]

"""A look for earlier mails bears whatever a server does with it, and costs only so much."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from kitchenwall.adapters.imap.mailbox import ImapMailbox
from kitchenwall.adapters.imap.reading import WHOLE_MOST
from kitchenwall.domain.around import HEADERS_MOST, MAILS_MOST, SECONDS, Around
from kitchenwall.errors import Unavailable
from tests.contracts.mailbox_contract import mail, near
from tests.servers.account import START
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy
from tests.servers.scripted import Conversation, Handler, Request, ScriptedServer, serving
from tests.servers.test_mailbox import open_box

MARA = Around(
    thread=frozenset(),
    addresses=("mara@atelier1.example",),
    houses=("atelier1.example",),
    since=START - timedelta(days=300),
    until=START + timedelta(days=3),
)
THREAD = frozenset({"<first@else.example>"})


@contextmanager
def served(**handlers: Handler) -> Iterator[tuple[ImapMailbox, ScriptedServer]]:
    """A mailbox of three mails from three ateliers, on a server that does what it is told to."""
    named = {name.replace("_", " "): handler for name, handler in handlers.items()}
    with ScriptedServer(serving(named)) as server, closing(open_box(server.port, "anna")) as box:
        yield box, server


def found(box: ImapMailbox, around: Around = MARA) -> list[int]:
    return [arrival.cursor.uid for arrival in box.earlier(["INBOX", "Nowhere"], around)]


def test_what_the_search_finds_is_compared_here() -> None:
    def lies(conversation: Conversation, request: Request) -> None:
        conversation.send(b"* SEARCH 1 2 3 77\r\n")
        conversation.ok(request)

    with served(UID_SEARCH=lies) as (box, _):
        assert found(box) == [2]


def test_what_came_later_is_left_out_although_the_search_finds_it() -> None:
    def lies(conversation: Conversation, request: Request) -> None:
        conversation.send(b"* SEARCH 2\r\n")
        conversation.ok(request)

    with served(UID_SEARCH=lies) as (box, _):
        before = replace(MARA, until=START)
        assert found(box, before) == []


@pytest.mark.parametrize(
    "refuse", [Conversation.no, Conversation.bad], ids=["with a NO", "with a BAD"]
)
def test_a_server_that_refuses_to_search_gives_nothing_and_goes_on(
    refuse: Callable[[Conversation, Request], None],
) -> None:
    with served(UID_SEARCH=lambda conversation, request: refuse(conversation, request)) as (box, _):
        assert found(box) == []
        assert [arrival.cursor.uid for arrival in box.arrivals("INBOX", 1)] == [1, 2, 3]


def test_a_server_that_hangs_up_says_so() -> None:
    with (
        served(UID_SEARCH=lambda conversation, _: conversation.close()) as (box, _),
        pytest.raises(Unavailable),
    ):
        found(box)


def test_a_slow_server_is_asked_for_nothing_more_and_gives_nothing() -> None:
    def sleeps(conversation: Conversation, request: Request) -> None:
        time.sleep(SECONDS + 0.1)
        conversation.send(conversation.honest(request))

    with served(UID_SEARCH=sleeps) as (box, server):
        assert found(box) == []
        assert [request.name for request in server.requests][-1] == "UID SEARCH"
        assert box.examine("INBOX").messages == 3


def test_nothing_out_of_a_mail_is_searched_for_but_plain_addresses_and_domains() -> None:
    with served() as (box, server):
        around = replace(MARA, thread=THREAD, addresses=('"x y"@else.example',), houses=("a\r\nb",))
        assert found(box, around) == []
        said = [request.text for request in server.requests if request.name == "UID SEARCH"]
    (only,) = said
    assert b"FROM" not in only
    assert only.startswith(b"UID SEARCH SINCE ")


def test_a_look_fetches_only_so_much(dovecot: Dovecot, mail_user: str, proxy: Proxy) -> None:
    letters = [mail(n, In_Reply_To="<first@else.example>") for n in range(HEADERS_MOST + 20)]
    dovecot.deliver_all(mail_user, letters)
    with closing(open_box(proxy.port, mail_user)) as box:
        assert len(box.earlier(["INBOX"], near(*THREAD, address=""))) == MAILS_MOST
        fetched = [command.text for command in proxy.commands if command.name == "UID FETCH"]
    assert [text.split()[2] for text in fetched] == [
        b"21:220",
        b"201:220",
        b"201:220",
    ]
    assert b"HEADER.FIELDS" in fetched[0]
    assert all(b"BODY[" not in text for text in fetched)


def test_a_large_mail_is_read_after_a_look_into_another_folder(
    dovecot: Dovecot, mail_user: str
) -> None:
    for number in (1, 2):
        dovecot.deliver(
            mail_user, mail(number, "x" * 70 + "\r\n" + "hello\r\n" * (WHOLE_MOST // 6))
        )
    dovecot.deliver(mail_user, mail(3), "Archive")
    with closing(open_box(dovecot.port, mail_user)) as box:
        seen = []
        for arrival in box.arrivals("INBOX", 1):
            seen.append((arrival.folder, b"mail 1" in arrival.raw or b"mail 2" in arrival.raw))
            assert box.earlier(["Archive"], near())
        assert seen == [("INBOX", True)] * 2

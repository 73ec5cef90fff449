"""Servers that cry wolf: they say again and again that mail came, or anything at all, and none did.

And those that give more than was asked for.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from tests.servers.account import Account, sample
from tests.servers.scripted import CAPABILITIES, Conversation, Handler, Request, Script, serving

_NO_IDLE = CAPABILITIES.replace(b" IDLE", b"")


def wolves() -> Iterator[tuple[str, Script]]:
    """Every such server with its name."""
    yield "wolf/exists-with-every-plus", serving({"IDLE": _cries(b"* 99 EXISTS\r\n")})
    yield "wolf/recent-with-every-plus", serving({"IDLE": _cries(b"* 1 RECENT\r\n")})
    yield "wolf/expunge-and-exists", serving({"IDLE": _cries(b"* 1 EXPUNGE\r\n* 3 EXISTS\r\n")})
    yield "wolf/idle-ends-at-once", serving({"IDLE": _ends_at_once})
    yield "wolf/noop-counts-up", serving({"NOOP": _counts_up})
    yield "wolf/noop-counts-up-without-idle", serving({"NOOP": _counts_up}, capabilities=_NO_IDLE)
    yield "wolf/chatter-without-idle", serving({"NOOP": _chatters}, capabilities=_NO_IDLE)
    yield "wolf/uidnext-always-one-more", serving({"EXAMINE": _one_more})
    yield "wolf/exists-always-one-more", serving({"EXAMINE": _one_exists_more})
    yield "whole/partials-are-ignored", serving({"UID FETCH": ignores_partials}, prepare=has_large)


def _cries(data: bytes) -> Handler:
    def handler(talk: Conversation, request: Request) -> None:
        talk.send(b"+ idling\r\n" + data)
        talk.line()
        talk.ok(request)

    return handler


def _ends_at_once(talk: Conversation, request: Request) -> None:
    talk.send(b"+ idling\r\n")
    talk.ok(request)


def _counts_up(talk: Conversation, request: Request) -> None:
    talk.send(b"* %d EXISTS\r\n" % (len(talk.server.requests) + 10))
    talk.ok(request)


def _chatters(talk: Conversation, request: Request) -> None:
    talk.ok(request)
    talk.send(b"* OK still here\r\n")


def _one_more(talk: Conversation, request: Request) -> None:
    honest = talk.honest(request)
    talk.send(honest.replace(b"[UIDNEXT 4]", b"[UIDNEXT 5]"))


def _one_exists_more(talk: Conversation, request: Request) -> None:
    talk.send(talk.honest(request).replace(b"* 3 EXISTS", b"* 4 EXISTS"))


def ignores_partials(talk: Conversation, request: Request) -> None:
    """Sends every section whole, whatever piece of it was asked for."""
    whole = re.sub(rb"<0\.\d+>", b"", request.text)
    talk.send(talk.honest(replace(request, text=whole)))


def has_large(account: Account) -> None:
    """A rejection of 3 MB lies before another one."""
    account.inbox.add(sample(3) + b"And so on.\r\n" * 250_000)
    account.inbox.add(sample(6))

"""A library of mail servers that lie, stall, babble or die, each with a name: "append/ok-not-stored".

What comes before the slash is the command that it strikes at; every other command is answered
honestly. What a client must do with all of them is the same: end within its deadlines, in bounded
memory, and neither lose nor double anything.
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping

from tests.servers.account import Account, Folder, sample
from tests.servers.scripted import (
    CAPABILITIES,
    Conversation,
    Handler,
    Request,
    Script,
    honestly,
    serving,
    store,
)

Alter = Callable[[bytes], bytes]
_BOMB = 2_000_000_000
_BOMB_SENT = 64  # megabytes that really come
_OVER = b"18446744073709551617"  # 2^64 + 1


def hostile_servers(family: str = "") -> Iterator[tuple[str, Script]]:
    """Every hostile server with its name, or those of one family such as "idle"."""
    for name, script in _scripts():
        if not family or name.startswith(f"{family}/"):
            yield name, script


def _scripts() -> Iterator[tuple[str, Script]]:
    for name, greet in _GREETINGS.items():
        yield f"greeting/{name}", greet
    for family, (command, handlers) in _FAMILIES.items():
        for name, handler in {**_ANYWHERE, **handlers}.items():
            yield f"{family}/{name}", serving({command: handler})
    for name, capabilities in _CAPABILITIES.items():
        yield f"capabilities/{name}", serving(capabilities=capabilities)
    for name, prepare in _MAILBOXES.items():
        yield f"mailbox/{name}", serving(prepare=prepare)
    yield from _STARTTLS.items()


# What a handler may be made of; TAG stands for the tag of the command.


def says(data: bytes) -> Handler:
    """Answer with these octets alone."""
    return lambda talk, request: talk.send(data.replace(b"TAG", request.tag))


def says_first(data: bytes) -> Handler:
    """Say this, then answer honestly."""

    def handler(talk: Conversation, request: Request) -> None:
        talk.send(data.replace(b"TAG", request.tag))
        honestly(talk, request)

    return handler


def dies(data: bytes = b"") -> Handler:
    """Say this, then hang up."""

    def handler(talk: Conversation, request: Request) -> None:
        talk.send(data.replace(b"TAG", request.tag))
        talk.close()

    return handler


def stalls(data: bytes = b"") -> Handler:
    """Say this, then nothing for ever."""

    def handler(talk: Conversation, request: Request) -> None:
        talk.send(data.replace(b"TAG", request.tag))
        talk.hang()

    return handler


def babbles(data: bytes) -> Handler:
    """Say this again and again, for ever."""

    def handler(talk: Conversation, request: Request) -> None:
        block = data.replace(b"TAG", request.tag)
        while True:
            talk.send(block * (1 + 20_000 // len(block)))

    return handler


def drips(data: bytes) -> Handler:
    """Say this again and again, an octet a (scaled) second."""

    def handler(talk: Conversation, request: Request) -> None:
        while True:
            talk.drip(data.replace(b"TAG", request.tag))

    return handler


def alters(change: Alter) -> Handler:
    """Answer honestly, but for this change."""
    return lambda talk, request: talk.send(change(talk.honest(request)))


def replaces(pattern: bytes, by: bytes, count: int = 0) -> Handler:
    """Answer honestly, but for what matches."""
    return alters(lambda answer: re.sub(pattern, by, answer, count=count, flags=re.DOTALL))


def split(talk: Conversation, request: Request) -> None:
    """Answer honestly, every octet in a segment of its own."""
    talk.drip(talk.honest(request), 0.01)


def resets(talk: Conversation, request: Request) -> None:
    talk.reset()


def bombs(opening: bytes) -> Handler:
    """Announce a literal of 2 GB after the opening, and send some of it."""

    def handler(talk: Conversation, request: Request) -> None:
        talk.send(opening + b"{%d}\r\n" % _BOMB)
        for _ in range(_BOMB_SENT):
            talk.send(b"x" * 1_000_000)
        talk.hang()

    return handler


def _greets(data: bytes, then: Callable[[Conversation], None] = Conversation.close) -> Script:
    def script(talk: Conversation) -> None:
        talk.send(data)
        then(talk)

    return script


def _floods(data: bytes) -> Script:
    def script(talk: Conversation) -> None:
        while True:
            talk.send(data * 1000)

    return script


def _slow(talk: Conversation) -> None:
    talk.drip(b"* OK hi\r\n")
    serving(greeting=b"")(talk)


_GREETINGS: Mapping[str, Script] = {
    "eof": _greets(b""),
    "reset": _greets(b"", Conversation.reset),
    "silence": _greets(b"", Conversation.hang),
    "bye": _greets(b"* BYE too many connections\r\n"),
    "bye-unavailable": _greets(b"* BYE [UNAVAILABLE] maintenance\r\n"),
    "bye-and-stays": _greets(b"* BYE go away\r\n", Conversation.hang),
    "half-a-line": _greets(b"* OK [CAPABI"),
    "half-a-line-stalls": _greets(b"* OK [CAPABI", Conversation.hang),
    "garbage": _greets(bytes(range(128, 256)) * 8 + b"\r\n", Conversation.hang),
    "nul-bytes": _greets(b"\0" * 64 + b"\r\n", Conversation.hang),
    "http": _greets(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html></html>"),
    "smtp": _greets(b"220 mail.example ESMTP\r\n", Conversation.hang),
    "pop3": _greets(b"+OK ready\r\n", Conversation.hang),
    "tls-alert": _greets(b"\x15\x03\x03\x00\x02\x02\x46"),
    "untagged-no": _greets(b"* NO not today\r\n", Conversation.hang),
    "tagged-ok": _greets(b"a1 OK hello\r\n", Conversation.hang),
    "endless-line": _floods(b"* OK "),
    "endless-lines": _floods(b"* OK still starting\r\n"),
    "drip": lambda talk: talk.drip(b"* OK " + b"a" * 100_000),
    "slow-but-honest": _slow,
    "without-text": serving(greeting=b"* OK\r\n"),
    "long": serving(greeting=b"* OK " + b"x" * 200_000 + b"\r\n"),
    "preauth": serving(greeting=b"* PREAUTH welcome back\r\n"),
    "bare-line-feed": serving(greeting=b"* OK hello\n"),
    "eight-bit": serving(greeting=b"* OK gr\xfc\xdf Gott\r\n"),
}

# Strikes that fit every command.
_ANYWHERE: Mapping[str, Handler] = {
    "eof": dies(),
    "reset": resets,
    "bye": dies(b"* BYE shutting down\r\n"),
    "bye-unavailable": dies(b"* BYE [UNAVAILABLE] restarting\r\n"),
    "stall": stalls(),
    "no": says(b"TAG NO refused\r\n"),
    "no-without-text": says(b"TAG NO\r\n"),
    "no-unavailable": says(b"TAG NO [UNAVAILABLE] try again later\r\n"),
    "no-serverbug": says(b"TAG NO [SERVERBUG] this should not happen\r\n"),
    "no-limit": says(b"TAG NO [LIMIT] too many operations\r\n"),
    "no-inuse": says(b"TAG NO [INUSE] the mailbox is locked\r\n"),
    "no-throttled": says(b"TAG NO [THROTTLED] slow down\r\n"),
    "no-backoff-time": says(
        b"TAG NO Request is throttled. Suggested Backoff Time: 2961 milliseconds\r\n"
    ),
    "no-alert": says(b"TAG NO [ALERT] please read our new terms\r\n"),
    "bad": says(b"TAG BAD command unknown\r\n"),
    "garbage": stalls(b"\x80\xff\x00\xfe?!\r\n" * 20),
    "half-a-line": dies(b"* 1 "),
    "wrong-tag": stalls(b"ZZ99 OK done\r\n"),
    "endless-lines": babbles(b"* OK still here\r\n"),
    "endless-line": babbles(b"* OK still here "),
    "drip": drips(b"* OK still here\r\n"),
}


# LOGIN, CAPABILITY


def _capability_twice(talk: Conversation, request: Request) -> None:
    """The list shrinks with the second question."""
    honestly(talk, request)
    talk.capabilities = b"IMAP4rev1"


_LOGIN: Mapping[str, Handler] = {
    "no-authenticationfailed": says(b"TAG NO [AUTHENTICATIONFAILED] wrong password\r\n"),
    "no-authorizationfailed": says(b"TAG NO [AUTHORIZATIONFAILED] not for you\r\n"),
    "no-expired": says(b"TAG NO [EXPIRED] the password has expired\r\n"),
    "no-privacyrequired": says(b"TAG NO [PRIVACYREQUIRED] use TLS\r\n"),
    "no-contactadmin": says(b"TAG NO [CONTACTADMIN] the account is blocked\r\n"),
    "no-weblogin": says(b"TAG NO [WEBALERT https://login.example/] log in with a browser\r\n"),
    "no-too-many": says(b"TAG NO [ALERT] Too many simultaneous connections. (Failure)\r\n"),
    "ok-without-text": says(b"TAG OK\r\n"),
    "ok-then-bye": dies(b"TAG OK in\r\n* BYE idle for too long\r\n"),
    "ok-lower-case": says(b"TAG ok in\r\n"),
    "ok-with-eight-bit": says(b"TAG OK willkommen, gr\xfc\xdf Gott\r\n"),
    "alert-first": says_first(b"* OK [ALERT] maintenance tonight\r\n"),
    "asks-for-more": stalls(b"+ \r\n"),
    "capability-shrinks": says(b"TAG OK [CAPABILITY IMAP4rev1] in\r\n"),
}
_CAPABILITY: Mapping[str, Handler] = {
    "no-line": says(b"TAG OK done\r\n"),
    "empty-line": says(b"* CAPABILITY\r\nTAG OK done\r\n"),
    "lower-case": says(b"* capability imap4rev1 idle uidplus\r\nTAG OK done\r\n"),
    "twice": says_first(b"* CAPABILITY IMAP4rev1 X-ONE\r\n"),
    "changes": _capability_twice,
    "eight-bit": says(b"* CAPABILITY IMAP4rev1 X-\xff\xfe\r\nTAG OK done\r\n"),
    "ten-thousand": says(b"* CAPABILITY IMAP4rev1" + b" X-MORE" * 10_000 + b"\r\nTAG OK done\r\n"),
}
_CAPABILITIES: Mapping[str, bytes] = {
    "bare": b"IMAP4rev1",
    "no-uidplus": CAPABILITIES.replace(b" UIDPLUS", b""),
    "no-idle": CAPABILITIES.replace(b" IDLE", b""),
    "no-special-use": CAPABILITIES.replace(b" SPECIAL-USE", b""),
    "login-disabled": b"IMAP4rev1 LOGINDISABLED",
    "only-imap4rev2": b"IMAP4rev2",
    "all-promises": CAPABILITIES
    + b" CONDSTORE QRESYNC ESEARCH MOVE NOTIFY COMPRESS=DEFLATE LITERAL+",
}


def challenges(status: str, then: Handler) -> Handler:
    """Refuse a token as RFC 7628, 3.2.3 wants it: a challenge, an empty line, then NO."""

    def handler(talk: Conversation, request: Request) -> None:
        if len(request.words) < 3:
            talk.send(b"+ \r\n")
            talk.line()
        told = f'{{"status":"{status}","schemes":"bearer","scope":"https://mail.example/"}}'
        talk.send(b"+ " + base64.b64encode(told.encode()) + b"\r\n")
        talk.line()
        then(talk, request)

    return handler


_REFUSED = says(b"TAG NO [AUTHENTICATIONFAILED] the token is not valid\r\n")
_AUTHENTICATE: Mapping[str, Handler] = {
    "xoauth2-400": challenges("400", _REFUSED),
    "xoauth2-401": challenges("401", _REFUSED),
    "xoauth2-then-eof": challenges("401", dies()),
    "xoauth2-then-stall": challenges("401", stalls()),
    "challenge-is-no-base64": stalls(b"+ !!!\r\n"),
    "endless-challenges": babbles(b"+ \r\n"),
}


# LIST, EXAMINE, STATUS

_END = b"TAG OK listed\r\n"
_INBOX = b'* LIST () "/" INBOX\r\n'
_ODD_NAMES = (
    rb'* LIST (\HasNoChildren) "/" "Entw&APw-rfe"' + b"\r\n"
    rb'* LIST (\HasNoChildren) "/" "with \"quotes\" and \\ backslash"' + b"\r\n"
    rb'* LIST (\HasNoChildren) "/" "percent % star * brace {7}"' + b"\r\n"
    rb'* LIST (\HasNoChildren) "/" "A&-B"' + b"\r\n"
    rb'* LIST (\HasNoChildren) "/" "broken &ZZZZ mutf7"' + b"\r\n"
    rb'* LIST (\HasNoChildren) "/" "lonely &"' + b"\r\n"
    rb'* LIST (\HasNoChildren) "/" ""' + b"\r\n"
    rb"* LIST (\HasNoChildren) NIL plain" + b"\r\n"
    rb'* LIST (\HasNoChildren) "\\" "a\\b"' + b"\r\n"
    b'* LIST () "/" "raw eight bit Entw\xfcrfe"\r\n'
    b'* LIST () "/" "utf8 Entw\xc3\xbcrfe"\r\n'
    b'* LIST (\\Drafts) "/" {8}\r\nDrafts\r\n\r\n'
)
_LIST: Mapping[str, Handler] = {
    "empty": says(_END),
    "odd-names": says_first(_ODD_NAMES),
    "carriage-return-in-a-name": says_first(b'* LIST () "/" "two\rA9 DELETE INBOX"\r\n'),
    "line-end-in-a-literal-name": says_first(b'* LIST () "/" {18}\r\nx\r\nA9 DELETE INBOX\r\n'),
    "nul-in-a-name": says_first(b'* LIST () "/" "a\0b"\r\n'),
    "two-drafts": says_first(b'* LIST (\\Drafts) "/" "Other drafts"\r\n'),
    "no-drafts": replaces(rb'\* LIST [^\r]*"Drafts"\r\n', b""),
    "no-special-use": replaces(rb" \\(Drafts|Sent|Trash)", b""),
    "drafts-cannot-be-opened": replaces(rb"\\HasNoChildren \\Drafts", b"\\\\Noselect \\\\Drafts"),
    "drafts-do-not-exist": replaces(rb"\\HasNoChildren \\Drafts", b"\\\\NonExistent \\\\Drafts"),
    "localised-without-flags": says(
        _INBOX + b'* LIST () "/" "Entw&APw-rfe"\r\n* LIST () "/" "Brouillons"\r\n' + _END
    ),
    "no-inbox": replaces(rb'\* LIST [^\r]*"INBOX"\r\n', b""),
    "ten-thousand": says_first(b"".join(b'* LIST () "/" "f%d"\r\n' % n for n in range(10_000))),
    "junk": says_first(b'* LIST\r\n* LIST ()\r\n* LIST ( "/\r\n* LIST (\\X) "/" "open\r\n'),
    "deep-flags": says_first(b"* LIST " + b"(" * 5000 + b")" * 5000 + b' "/" deep\r\n'),
    "literal-bomb": bombs(b'* LIST () "/" '),
    "split": split,
}


def _new_validity(talk: Conversation, request: Request) -> None:
    """Every opening finds another UIDVALIDITY."""
    talk.account.inbox.uidvalidity += 1
    honestly(talk, request)


def _validity(value: bytes) -> Handler:
    return replaces(rb"UIDVALIDITY \d+", b"UIDVALIDITY " + value)


def _next(value: bytes) -> Handler:
    return replaces(rb"UIDNEXT \d+", b"UIDNEXT " + value)


_NUMBERS: Mapping[str, Handler] = {
    "uidvalidity-zero": _validity(b"0"),
    "uidvalidity-huge": _validity(b"4294967295"),
    "uidvalidity-over-64-bits": _validity(_OVER),
    "uidvalidity-negative": _validity(b"-1"),
    "uidvalidity-junk": _validity(b"abc"),
    "uidvalidity-changes": _new_validity,
    "uidnext-backwards": _next(b"1"),
    "uidnext-zero": _next(b"0"),
    "uidnext-huge": _next(b"4294967295"),
    "uidnext-over-64-bits": _next(_OVER),
    "uidnext-negative": _next(b"-5"),
    "split": split,
}
_EXAMINE: Mapping[str, Handler] = {
    **_NUMBERS,
    "uidvalidity-missing": replaces(rb"\* OK \[UIDVALIDITY[^\r]*\r\n", b""),
    "uidnext-missing": replaces(rb"\* OK \[UIDNEXT[^\r]*\r\n", b""),
    "exists-missing": replaces(rb"\* \d+ EXISTS\r\n", b""),
    "exists-negative": replaces(rb"\* \d+ EXISTS", b"* -1 EXISTS"),
    "exists-over-64-bits": replaces(rb"\* \d+ EXISTS", b"* " + _OVER + b" EXISTS"),
    "exists-huge": replaces(rb"\* \d+ EXISTS", b"* 4000000000 EXISTS"),
    "nothing-but-ok": says(b"TAG OK\r\n"),
    "many-flags": replaces(rb"\\Seen", b"\\\\Seen" + b" $kw" * 20_000),
    "nonexistent": says(b"TAG NO [NONEXISTENT] no such mailbox\r\n"),
    "alert": says_first(b"* OK [ALERT] the mailbox is nearly full\r\n"),
    "unknown-code": says_first(b"* OK [X-NEW ((((] odd]\r\n"),
    "expunge-at-once": says_first(b"* 1 EXPUNGE\r\n"),
}
_STATUS: Mapping[str, Handler] = {
    **_NUMBERS,
    "no-line": says(b"TAG OK counted\r\n"),
    "another-folder": replaces(rb'STATUS "\w+"', b'STATUS "Elsewhere"'),
    "empty": replaces(rb"\(.*?\)", b"()", 1),
    "uidvalidity-missing": replaces(rb" UIDVALIDITY \d+", b""),
    "uidnext-missing": replaces(rb" UIDNEXT \d+", b""),
    "name-as-literal": replaces(rb'"(\w+)"', b"{6}\r\nDrafts"),
    "junk": says(b"* STATUS\r\n* STATUS Drafts\r\n* STATUS Drafts (UIDNEXT\r\nTAG OK counted\r\n"),
    "nonexistent": says(b"TAG NO [NONEXISTENT] no such mailbox\r\n"),
}


# UID FETCH, UID SEARCH


def _row(items: bytes) -> Handler:
    """One answer for one mail, the same for every question."""
    return says(b"* 1 FETCH (" + items + b")\r\nTAG OK fetched\r\n")


def _expunges(talk: Conversation, request: Request) -> None:
    """The first mail goes while the answer is under way."""
    first, end, rest = talk.honest(request).partition(b")\r\n* ")
    talk.send(first + end.removesuffix(b"* ") + b"* 1 EXPUNGE\r\n" + (b"* " + rest if end else b""))


def _cut_literal(talk: Conversation, request: Request) -> None:
    answer = talk.honest(request)
    talk.send(answer[: answer.find(b"}\r\n") + 20])
    talk.close()


def _resizes(by: int) -> Handler:
    """Literals announce another length than follows."""
    return alters(
        lambda answer: re.sub(rb"\{(\d+)\}", lambda m: b"{%d}" % max(0, int(m[1]) + by), answer)
    )


def _as_quoted(answer: bytes) -> bytes:
    """Literals become quoted strings, which holds only for what fits on a line."""

    def quote(match: re.Match[bytes]) -> bytes:
        return b'"' + match[1].replace(b"\r\n", b" ").replace(b'"', b"'") + b'"'

    return re.sub(rb"\{\d+\}\r\n(.*?)(?=\)\r\n| BODY\[)", quote, answer, flags=re.DOTALL)


def _structure(text: bytes) -> Handler:
    return _row(b"UID 1 FLAGS () RFC822.SIZE 500 BODYSTRUCTURE " + text)


_DEEP = b"(" * 400 + b'"TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1' + b' "MIXED")' * 399 + b")"
_FETCH: Mapping[str, Handler] = {
    "nothing-but-ok": says(b"TAG OK\r\n"),
    "no-body": replaces(rb" BODY\[.*?\}\r\n.*?(?=\)\r\n(?:\* |\S+ OK))", b""),
    "body-is-nil": replaces(rb"\{\d+\}\r\n.*?(?=\)\r\n(?:\* |\S+ OK))", b"NIL"),
    "body-is-empty": replaces(rb"\{\d+\}\r\n.*?(?=\)\r\n(?:\* |\S+ OK))", b'""'),
    "body-is-quoted": alters(_as_quoted),
    "another-section": replaces(rb"BODY\[[^\]]*\]", b"BODY[9.9.TEXT]"),
    "wrong-uid": replaces(rb"UID (\d+)", rb"UID 99\1"),
    "same-uid-for-all": replaces(rb"UID \d+", b"UID 1"),
    "no-uid": replaces(rb"UID \d+ ", b""),
    "uid-zero": replaces(rb"UID \d+", b"UID 0"),
    "uid-negative": replaces(rb"UID \d+", b"UID -3"),
    "uid-over-64-bits": replaces(rb"UID \d+", b"UID " + _OVER),
    "uid-junk": replaces(rb"UID \d+", b"UID one"),
    "sequence-number-zero": replaces(rb"\* \d+ FETCH", b"* 0 FETCH"),
    "lower-case": alters(lambda a: a.replace(b"FETCH (", b"fetch (").replace(b"UID", b"uid")),
    "every-row-twice": alters(lambda a: b"".join(a.rpartition(b")\r\n")[:2]) + a),
    "size-negative": replaces(rb"SIZE \d+", b"SIZE -1"),
    "size-lies-low": replaces(rb"SIZE \d+", b"SIZE 1"),
    "size-lies-high": replaces(rb"SIZE \d+", b"SIZE 4000000000"),
    "size-over-64-bits": replaces(rb"SIZE \d+", b"SIZE " + _OVER),
    "date-junk": replaces(rb'INTERNALDATE "[^"]*"', b'INTERNALDATE "99-Foo-0000 99:99:99 +9999"'),
    "date-is-nil": replaces(rb'INTERNALDATE "[^"]*"', b"INTERNALDATE NIL"),
    "date-missing": replaces(rb'INTERNALDATE "[^"]*" ?', b""),
    "flags-missing": replaces(rb"FLAGS \([^)]*\) ?", b""),
    "many-flags": replaces(rb"FLAGS \(", b"FLAGS (" + b"$kw " * 20_000),
    "nul-bytes": replaces(rb"Dear", b"De\0ar\0\0"),
    "eight-bit-junk": replaces(rb"Subject: ", b"Subject: \xff\xfe\x80\x00 "),
    "unbalanced": _row(b"UID 1 FLAGS (("),
    "junk-rows": says_first(b"* FETCH\r\n* 1 FETCH\r\n* 1 FETCH ()\r\n* x FETCH (UID 1)\r\n"),
    "unsolicited-fetch": says_first(
        b"* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 2 FLAGS ())\r\n"
    ),
    "unsolicited-exists": says_first(b"* 9 EXISTS\r\n* 9 RECENT\r\n"),
    "expunge-in-the-middle": _expunges,
    "vanished": says_first(b"* VANISHED (EARLIER) 1:4294967295\r\n"),
    "structure-deep": _structure(_DEEP),
    "structure-very-deep": _structure(b"(" * 50_000 + b")" * 50_000),
    "structure-unbalanced": _structure(b"(" * 400),
    "structure-nil": _structure(b"NIL"),
    "structure-empty": _structure(b"()"),
    "structure-junk": _structure(b'(("TEXT" NIL 7 (("A"))) -3 "MIXED" {0}\r\n)'),
    "structure-wide": _structure(
        b"(" + b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1)' * 20_000 + b' "MIXED")'
    ),
    "literal-bomb": bombs(b"* 1 FETCH (UID 1 BODY[] "),
    "literal-over-64-bits": stalls(b"* 1 FETCH (UID 1 BODY[] {" + _OVER + b"}\r\nabc"),
    "literal-negative": stalls(b"* 1 FETCH (UID 1 BODY[] {-5}\r\nabc)\r\nTAG OK fetched\r\n"),
    "literal-announces-less": _resizes(-9),
    "literal-announces-more": _resizes(900),
    "literal-cut": _cut_literal,
    "line-without-end": stalls(b"* 1 FETCH (UID 1 FLAGS ("),
    "more-than-asked": replaces(
        rb"\{\d+\}\r\n", b"{3000000}\r\n" + b"x" * 3_000_000 + b"{0}\r\n", 1
    ),
    "bye-in-the-middle": alters(lambda a: a.replace(b"\r\n* 2", b"\r\n* BYE later\r\n* 2")),
    "capability-in-the-middle": says_first(b"* CAPABILITY IMAP4rev1\r\n"),
    "split": split,
}
_SEARCH: Mapping[str, Handler] = {
    "no-line": says(b"TAG OK searched\r\n"),
    "junk": says(b"* SEARCH one 2x -3 (4) NIL 5\r\nTAG OK searched\r\n"),
    "zero": says(b"* SEARCH 0\r\nTAG OK searched\r\n"),
    "over-64-bits": says(b"* SEARCH " + _OVER + b"\r\nTAG OK searched\r\n"),
    "unknown-uids": says(b"* SEARCH 777 888\r\nTAG OK searched\r\n"),
    "everything": says(b"* SEARCH 3 1 2 2 1\r\nTAG OK searched\r\n"),
    "two-lines": says(b"* SEARCH 1\r\n* SEARCH 2 3\r\nTAG OK searched\r\n"),
    "esearch": says(b'* ESEARCH (TAG "TAG") UID ALL 1:3\r\nTAG OK searched\r\n'),
    "modseq-at-the-end": says(b"* SEARCH 1 2 (MODSEQ 917162500)\r\nTAG OK searched\r\n"),
    "badcharset": says(b"TAG NO [BADCHARSET (US-ASCII)] no\r\n"),
    "half-a-million": says(
        b"* SEARCH " + b" ".join(b"%d" % n for n in range(1, 500_001)) + b"\r\nTAG OK searched\r\n"
    ),
}


# IDLE


def idles(data: bytes, then: Handler = stalls()) -> Handler:  # noqa: B008
    """Agree to IDLE, say something a moment later, then do something."""

    def handler(talk: Conversation, request: Request) -> None:
        talk.send(b"+ idling\r\n")
        talk.pause(1)
        talk.send(data.replace(b"TAG", request.tag))
        then(talk, request)

    return handler


def ends(data: bytes) -> Handler:
    """Wait for DONE, then say this."""

    def handler(talk: Conversation, request: Request) -> None:
        talk.line()
        talk.send(data.replace(b"TAG", request.tag))

    return handler


def _ends_deaf(data: bytes, then: Handler) -> Handler:
    """Agree, wait for DONE, then do something else than to end."""

    def handler(talk: Conversation, request: Request) -> None:
        talk.send(b"+ idling\r\n")
        talk.line()
        talk.send(data)
        then(talk, request)

    return handler


def _announces(when: Callable[[Conversation], None]) -> Handler:
    """A fourth mail comes; `when` says "+" and "* 4 EXISTS" in some odd way; DONE is answered."""

    def handler(talk: Conversation, request: Request) -> None:
        if talk.selected:
            talk.selected.add(sample(3))
        when(talk)
        talk.line()
        talk.ok(request)

    return handler


def _split_exists(talk: Conversation) -> None:
    for part in (b"+ idling\r\n", b"* 4 EXI", b"STS\r\n"):
        talk.send(part)
        talk.pause(1)


def _after_still_here(talk: Conversation) -> None:
    talk.send(b"+ idling\r\n")
    for _ in range(3):
        talk.pause(1)
        talk.send(b"* OK Still here\r\n")
    talk.send(b"* 4 EXISTS\r\n")


_EXISTS = b"* 4 EXISTS\r\n"
_DONE = ends(b"TAG OK done\r\n")
_IDLE: Mapping[str, Handler] = {
    "exists-before-plus": _announces(lambda t: t.send(_EXISTS + b"+ idling\r\n")),
    "exists-with-plus": _announces(lambda t: t.send(b"+ idling\r\n" + _EXISTS)),
    "exists-in-the-gap": _announces(lambda t: t.send(b"+ idling\r\n")),
    "exists-split": _announces(_split_exists),
    "exists-octet-by-octet": _announces(lambda t: t.drip(b"+ idling\r\n" + _EXISTS, 0.1)),
    "exists-after-still-here": _announces(_after_still_here),
    "plus-without-text": _announces(lambda t: t.send(b"+\r\n" + _EXISTS)),
    "plus-twice": _announces(lambda t: t.send(b"+ idling\r\n+ idling\r\n" + _EXISTS)),
    "exists-lower-case": _announces(lambda t: t.send(b"+ idling\r\n* 4 exists\r\n")),
    "eof-idling": idles(b"", dies()),
    "reset-idling": idles(b"", resets),
    "bye-idling": idles(b"* BYE shutting down\r\n", dies()),
    "bye-and-stays": idles(b"* BYE shutting down\r\n"),
    "half-a-line-then-eof": idles(b"* 4 EXI", dies()),
    "half-a-line-then-stall": idles(b"* 4 EXI"),
    "ends-by-itself": idles(b"TAG OK idled long enough\r\n", _DONE),
    "no-while-idling": idles(b"TAG NO you idled too long\r\n", lambda t, r: None),
    "expunge": idles(b"* 1 EXPUNGE\r\n", _DONE),
    "expunge-storm": idles(b"* 1 EXPUNGE\r\n" * 5000, _DONE),
    "flag-storm": idles(b"* 1 FETCH (FLAGS (\\Seen))\r\n" * 5000, _DONE),
    "exists-storm": idles(b"* 4 EXISTS\r\n" * 5000, _DONE),
    "exists-over-64-bits": idles(b"* " + _OVER + b" EXISTS\r\n", _DONE),
    "exists-negative": idles(b"* -4 EXISTS\r\n", _DONE),
    "babbles-idling": idles(b"", babbles(b"* OK Still here\r\n")),
    "endless-line-idling": idles(b"", babbles(b"* OK Still here ")),
    "drips-idling": idles(b"", drips(b"* OK Still here\r\n")),
    "garbage-idling": idles(b"\xff\xfe\0\r\n\r\n???\r\n* \r\n*\r\n", _DONE),
    "literal-idling": idles(b"* 1 FETCH (BODY[] {14}\r\n* 99 EXISTS\r\n\r\n)\r\n", _DONE),
    "literal-bomb-idling": idles(b"", bombs(b"* 1 FETCH (BODY[] ")),
    "done-unanswered": _ends_deaf(b"", stalls()),
    "done-eof": _ends_deaf(b"", dies()),
    "done-bye": _ends_deaf(b"* BYE too late\r\n", dies()),
    "done-bad": _ends_deaf(b"", says(b"TAG BAD what do you mean\r\n")),
    "done-no": _ends_deaf(b"", says(b"TAG NO no\r\n")),
    "done-babbles": _ends_deaf(b"", babbles(b"* OK Still here\r\n")),
    "exists-after-done": _ends_deaf(_EXISTS, says(b"TAG OK done\r\n")),
}


# APPEND


def stored(then: Handler) -> Handler:
    """Store the mail, then answer in some other way."""

    def handler(talk: Conversation, request: Request) -> None:
        store(talk, request)
        then(talk, request)

    return handler


def lost(then: Handler, most: int | None = None) -> Handler:
    """Read the mail (or so many octets of it) and store nothing, then answer."""

    def handler(talk: Conversation, request: Request) -> None:
        talk.literal(request, most)
        then(talk, request)

    return handler


def changed(change: Callable[[Folder], None]) -> Handler:
    """Store the mail, change what lies there, and say it is well done."""

    def handler(talk: Conversation, request: Request) -> None:
        uid = store(talk, request)
        change(talk.account.drafts)
        talk.ok(request, b"[APPENDUID %d %d] stored" % (talk.account.drafts.uidvalidity, uid))

    return handler


def _stored_twice(talk: Conversation, request: Request) -> None:
    uid = store(talk, request)
    drafts = talk.account.drafts
    drafts.add(drafts.mails[-1].raw, drafts.mails[-1].flags)
    talk.ok(request, b"[APPENDUID %d %d] stored" % (drafts.uidvalidity, uid))


def _stored_late(talk: Conversation, request: Request) -> None:
    """The answer comes first; the mail can be seen only some (scaled) seconds later."""
    store(talk, request)
    drafts = talk.account.drafts
    mail = drafts.mails.pop()
    talk.ok(request, b"[APPENDUID %d %d] stored" % (drafts.uidvalidity, mail.uid))
    talk.pause(5)
    drafts.mails.append(mail)


def _moves_validity(talk: Conversation, request: Request) -> None:
    store(talk, request)
    drafts = talk.account.drafts
    drafts.uidvalidity += 1
    talk.ok(request, b"[APPENDUID %d %d] stored" % (drafts.uidvalidity, drafts.uidnext - 1))


def _rewrites(pattern: bytes, by: bytes) -> Callable[[Folder], None]:
    def change(drafts: Folder) -> None:
        drafts.mails[-1].raw = re.sub(pattern, by, drafts.mails[-1].raw)

    return change


def _drops_flags(drafts: Folder) -> None:
    drafts.mails[-1].flags = ()


def _drops(drafts: Folder) -> None:
    drafts.mails.pop()


_OK = says(b"TAG OK stored\r\n")
_APPEND: Mapping[str, Handler] = {
    "no-overquota": says(b"TAG NO [OVERQUOTA] the mailbox is full\r\n"),
    "no-trycreate": says(b"TAG NO [TRYCREATE] no such mailbox\r\n"),
    "no-noperm": says(b"TAG NO [NOPERM] read only\r\n"),
    "ok-before-the-literal": says(b"TAG OK stored\r\n"),
    "plus-then-eof": lost(dies(), 0),
    "plus-then-stall": lost(stalls(), 0),
    "eof-in-the-literal": lost(dies(), 10),
    "stall-in-the-literal": lost(stalls(), 10),
    "noise-before-plus": says_first(b"* OK hold on\r\n* 5 EXISTS\r\n"),
    "noise-before-ok": stored(says(b"* 1 EXISTS\r\n* 1 RECENT\r\n* OK well\r\nTAG OK stored\r\n")),
    "overquota-after-the-literal": lost(says(b"TAG NO [OVERQUOTA] full\r\n")),
    "throttled-after-the-literal": lost(says(b"TAG NO [THROTTLED] slow down\r\n")),
    "bad-after-the-literal": lost(says(b"TAG BAD not a mail\r\n")),
    "eof-not-stored": lost(dies()),
    "stall-not-stored": lost(stalls()),
    "eof-but-stored": stored(dies()),
    "reset-but-stored": stored(resets),
    "stall-but-stored": stored(stalls()),
    "bye-but-stored": stored(dies(b"* BYE shutting down\r\n")),
    "half-an-ok-but-stored": stored(dies(b"TAG OK [APPEN")),
    "no-but-stored": stored(says(b"TAG NO that went wrong\r\n")),
    "unavailable-but-stored": stored(says(b"TAG NO [UNAVAILABLE] later\r\n")),
    "bad-but-stored": stored(says(b"TAG BAD that went wrong\r\n")),
    "wrong-tag-but-stored": stored(stalls(b"ZZ99 OK stored\r\n")),
    "babbles-but-stored": stored(babbles(b"* OK still storing\r\n")),
    "drips-but-stored": stored(drips(b"* OK still storing\r\n")),
    "ok-not-stored": lost(_OK),
    "ok-not-stored-with-a-uid": lost(says(b"TAG OK [APPENDUID 7000 1] stored\r\n")),
    "ok-then-gone": changed(_drops),
    "ok-without-uid": stored(_OK),
    "ok-without-text": stored(says(b"TAG OK\r\n")),
    "appenduid-junk": stored(says(b"TAG OK [APPENDUID one two] stored\r\n")),
    "appenduid-zero": stored(says(b"TAG OK [APPENDUID 7000 0] stored\r\n")),
    "appenduid-over-64-bits": stored(says(b"TAG OK [APPENDUID 7000 " + _OVER + b"] stored\r\n")),
    "appenduid-unknown": stored(says(b"TAG OK [APPENDUID 7000 555] stored\r\n")),
    "appenduid-other-validity": stored(says(b"TAG OK [APPENDUID 1 1] stored\r\n")),
    "appenduid-a-range": stored(says(b"TAG OK [APPENDUID 7000 1:3] stored\r\n")),
    "stored-twice": _stored_twice,
    "stored-late": _stored_late,
    "validity-changes": _moves_validity,
    "message-id-rewritten": changed(
        _rewrites(rb"Message-ID: <[^>]*>", b"Message-ID: <new@mail.example>")
    ),
    "message-id-dropped": changed(_rewrites(rb"Message-ID: [^\r]*\r\n", b"")),
    "headers-dropped": changed(_rewrites(rb"(?m)^(X-|References|In-Reply-To)[^\r]*\r\n", b"")),
    "line-ends-changed": changed(_rewrites(b"\r\n", b"\n")),
    "flags-dropped": changed(_drops_flags),
}


# NOOP, LOGOUT

_NOOP: Mapping[str, Handler] = {
    "exists-and-expunge": says_first(b"* 4 EXISTS\r\n* 1 EXPUNGE\r\n* 3 EXISTS\r\n"),
    "alert": says_first(b"* OK [ALERT] maintenance tonight\r\n"),
}

_FAMILIES: Mapping[str, tuple[str, Mapping[str, Handler]]] = {
    "capability": ("CAPABILITY", _CAPABILITY),
    "login": ("LOGIN", _LOGIN),
    "authenticate": ("AUTHENTICATE", _AUTHENTICATE),
    "list": ("LIST", _LIST),
    "examine": ("EXAMINE", _EXAMINE),
    "status": ("STATUS", _STATUS),
    "fetch": ("UID FETCH", _FETCH),
    "search": ("UID SEARCH", _SEARCH),
    "idle": ("IDLE", _IDLE),
    "append": ("APPEND", _APPEND),
    "noop": ("NOOP", _NOOP),
    "logout": ("LOGOUT", {}),
}


# Mailboxes that are odd while every answer is honest


def _gaps(account: Account) -> None:
    for mail in account.inbox.mails:
        mail.uid *= 1_000_000_000
    account.inbox.uidnext = 4_000_000_000


def _reused_uid(account: Account) -> None:
    account.inbox.mails[-1].uid = account.inbox.mails[0].uid


def _unordered(account: Account) -> None:
    account.inbox.mails.reverse()


def _emptied(account: Account) -> None:
    account.inbox.mails.clear()
    account.inbox.uidnext = 1


def _empty_mail(account: Account) -> None:
    account.inbox.add(b"")


def _only_header(account: Account) -> None:
    account.inbox.add(b"Subject: no body")


def _injecting(account: Account) -> None:
    """The commonest way in: a Message-ID that would be a command if it were searched for."""
    mail = sample(0).replace(b"Message-ID: <", b'Message-ID: <"\r\n A9 DELETE INBOX\r\n ')
    account.inbox.add(mail)


def _no_drafts(account: Account) -> None:
    del account.folders[b"Drafts"]


_MAILBOXES: Mapping[str, Callable[[Account], None]] = {
    "uids-with-gaps": _gaps,
    "uid-used-twice": _reused_uid,
    "uids-out-of-order": _unordered,
    "empty": _emptied,
    "empty-mail": _empty_mail,
    "only-a-header": _only_header,
    "injecting-message-id": _injecting,
    "no-drafts": _no_drafts,
}


# STARTTLS; those that go on in TLS need a server with certificates


def _injects(talk: Conversation, request: Request) -> None:
    """What comes with the OK was never encrypted: a client must not believe it (CVE-2011-0411)."""
    talk.send(request.tag + b" OK begin TLS\r\n* CAPABILITY IMAP4rev1 X-INJECTED\r\n")
    talk.starttls()


def _starttls(handler: Handler, greeting: bytes = b"* OK ready\r\n") -> Script:
    return serving(
        {"STARTTLS": handler}, greeting=greeting, capabilities=CAPABILITIES + b" STARTTLS"
    )


_STARTTLS: Mapping[str, Script] = {
    "starttls/stripped": serving(),
    "starttls/no": _starttls(says(b"TAG NO not today\r\n")),
    "starttls/bad": _starttls(says(b"TAG BAD unknown command\r\n")),
    "starttls/eof": _starttls(dies()),
    "starttls/stall": _starttls(stalls()),
    "starttls/ok-then-eof": _starttls(dies(b"TAG OK begin TLS\r\n")),
    "starttls/ok-then-stall": _starttls(stalls(b"TAG OK begin TLS\r\n")),
    "starttls/ok-then-plain": _starttls(says(b"TAG OK begin TLS\r\n* OK no TLS here\r\n")),
    "starttls/injection": _starttls(_injects),
    "starttls/preauth": _starttls(says(b"TAG BAD already in\r\n"), b"* PREAUTH welcome back\r\n"),
}

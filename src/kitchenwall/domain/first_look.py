"""Tell what a mail is before its words are weighed: one's own, automatic, an entry for a calendar."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from kitchenwall.domain.languages import LanguagePack
from kitchenwall.domain.message import Message
from kitchenwall.domain.sentences import Sentence
from kitchenwall.domain.verdict import Evidence

_REPORTS = ("multipart/report", "message/delivery-status", "message/disposition-notification")
_INVITING_METHODS = ("REQUEST", "CANCEL", "REPLY", "COUNTER", "PUBLISH")


# Whether one of these msg-ids is a no that was recorded.
KnowsNo = Callable[[Collection[str]], bool]


def knows_none(_msg_ids: Collection[str]) -> bool:
    """Where nothing is recorded, nothing is known."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known besides the mail itself.

    `own` are the person's addresses in lower case.
    """

    own: frozenset[str] = frozenset()
    knows_no: KnowsNo = knows_none


NOTHING_KNOWN = Known()


def first_look(
    message: Message, subject: Sentence, packs: Iterable[LanguagePack], known: Known
) -> Evidence | None:
    """The first step that settles the mail without its text, None where none does."""
    for step in (_own, _automatic, _report, _calendar):
        if found := step(message, known):
            return found
    return _by_notice(message, subject, packs)


def _own(message: Message, known: Known) -> Evidence | None:
    if message.draft_ref:
        return Evidence("own-draft", message.draft_ref, -1.0)
    if message.sender is None:
        return None
    untagged = f"{message.sender.local.partition('+')[0]}@{message.sender.domain}"
    if {message.sender.spec, untagged} & known.own:
        return Evidence("own-mail", message.sender.spec, -1.0)
    return None


def _automatic(message: Message, _known: Known) -> Evidence | None:
    """RFC 3834: auto-replied answers a mail; auto-generated is what hiring systems send."""
    if message.auto_submitted.lower().startswith("auto-replied"):
        return Evidence("auto-reply", f"Auto-Submitted: {message.auto_submitted}", -1.0)
    return None


def _report(message: Message, _known: Known) -> Evidence | None:
    kind = next((kind for kind in message.kinds if kind.startswith(_REPORTS)), "")
    return Evidence("report", kind, -1.0) if kind else None


def _calendar(message: Message, _known: Known) -> Evidence | None:
    if message.calendar_method.upper() in _INVITING_METHODS:
        return Evidence("calendar", f"METHOD:{message.calendar_method.upper()}", -1.0)
    return None


def _by_notice(
    message: Message, subject: Sentence, packs: Iterable[LanguagePack]
) -> Evidence | None:
    """A machine's mail is known by its sender and, in any language, by its subject."""
    for pack in packs:
        if message.sender and message.sender.local.lower() in pack.names.mailer_senders:
            return Evidence("report", message.sender.spec, -1.0)
        for hit in pack.notices.read(subject.folded):
            rule = {"auto_reply": "auto-reply", "bounce": "report"}.get(hit.frame.name)
            if rule:
                return Evidence(rule, subject.written, -1.0)
    return None

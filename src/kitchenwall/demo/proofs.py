"""Look up on the server whether what was promised held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kitchenwall.demo.letterbox import Letterbox, Lying
from kitchenwall.domain.journal import DraftState, Write
from kitchenwall.ports import Journal

FOLDERS = ("Drafts", "Sent", "Archive", "Trash")

_DRAFT = frozenset({rb"\Draft", rb"\Seen"})


@dataclass(frozen=True, slots=True)
class Proof:
    """Something that was promised, and whether it held."""

    words: str
    holds: bool


def proofs(
    inbox: Mapping[int, Lying], box: Letterbox, journal: Journal, writes: tuple[Write, ...]
) -> Iterator[Proof]:
    """Each promise in turn. `inbox` is what was delivered, `writes` the journal's audit trail."""
    lying = box.lying("INBOX")
    yield Proof(
        f"INBOX is as it was: {len(lying)} mails with the same UIDs, flags and bytes, none of "
        "them marked as read",
        lying == inbox and not any(mail.flags for mail in lying.values()),
    )
    drafts = box.lying("Drafts")
    created = journal.drafts(DraftState.CREATED)
    yield Proof(
        f"Drafts holds {len(drafts)} drafts, one for each no that can be answered",
        [draft.data for draft in drafts.values()] == [row.data for row in created]
        and all(draft.flags == _DRAFT for draft in drafts.values()),
    )
    yield Proof(
        f"{len(writes)} times something was written to the server, each time a draft",
        [(write.what, write.folder) for write in writes] == [("APPEND", "Drafts")] * len(drafts),
    )
    yield Proof(
        "Sent, Archive and Trash are empty; nothing was sent, there is no code that could",
        not any(box.lying(folder) for folder in FOLDERS if folder != "Drafts"),
    )

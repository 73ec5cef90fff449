"""A deliberate repetition of a draft: the same words under a new id.

Some servers merge or drop a second mail with the same Message-ID (Gmail, seen in the field).
"""

from __future__ import annotations

from kitchenwall.domain.identity import draft_ref
from kitchenwall.domain.journal import DraftRow, Reply


def renewed(draft: DraftRow) -> Reply:
    """The next generation of a draft. Raises `ValueError` as `under` does."""
    return under(draft_ref(draft.ref, draft.generation + 1), draft)


def under(ref: str, draft: DraftRow) -> Reply:
    """The same draft under another reference. Raises `ValueError` where its bytes lack its own."""
    data = draft.data.replace(draft.ref.encode("ascii"), ref.encode("ascii"))
    if data == draft.data or draft.ref not in draft.message_id:
        raise ValueError(f"draft {draft.id} does not hold its own id")
    return Reply(
        ref=ref,
        message_id=draft.message_id.replace(draft.ref, ref),
        recipient=draft.recipient,
        subject=draft.subject,
        data=data,
        question=draft.question,
        remarks=draft.remarks,
    )

"""Situations in which the program is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kitchenwall.domain.journal import EventKind
from tests.faults.house import House
from tests.faults.program import BlindMailbox, Parts


def nothing(_house: House) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What was before the life that is stopped, between it and the next one, and after that.

    `may_hold` says that the person's own doings may leave a draft that nobody can know about.
    """

    name: str
    arrange: Callable[[House], None]
    meanwhile: Callable[[House], None] = nothing
    later: Callable[[House], None] = nothing
    may_hold: bool = False
    parts: Parts = field(default_factory=Parts)

    def __str__(self) -> str:
        return self.name


def watched(*words: str) -> Callable[[House], None]:
    """The program has run before; these mails came since."""

    def arrange(house: House) -> None:
        house.watched(*words)

    return arrange


def _answered_yes(house: House) -> None:
    """The person was asked about a mail, and has said that it was a no."""
    house.watched("perhaps")
    house.live()
    with house.look() as journal:
        (event,) = journal.events()
        journal.answer(event.id, True)
    (name,) = house.expected
    house.expected[name] = EventKind.DRAFT


def _renumbered(house: House) -> None:
    """One rejection was answered and one came new when the server renumbered INBOX."""
    house.watched("no")
    house.live()
    house.arrives("no", "hello")
    house.renumber()


def _first_start(house: House) -> None:
    house.arrives("no", "hello", watched=False)


def _then_one_comes(house: House) -> None:
    house.arrives("no")
    house.recover()


SCENES = (
    Scene(name="a backlog", arrange=watched("hello", "no", "perhaps", "poison", "no ")),
    Scene(name="two rejections", arrange=watched("no", "no")),
    Scene(name="the first start", arrange=_first_start, later=_then_one_comes),
    Scene(
        name="a mail that comes between",
        arrange=watched("no"),
        meanwhile=lambda house: house.arrives("no"),
    ),
    Scene(name="a question answered yes", arrange=_answered_yes),
    Scene(name="a renumbered inbox", arrange=_renumbered),
    Scene(
        name="no UIDPLUS, a blind search",
        arrange=watched("no"),
        parts=Parts(says_uid=False, mailbox=BlindMailbox),
    ),
    Scene(
        name="the person saves a draft meanwhile",
        arrange=watched("no"),
        meanwhile=lambda house: house.saves(),
        may_hold=True,
        parts=Parts(mailbox=BlindMailbox),
    ),
)
BY_NAME = {scene.name: scene for scene in SCENES}

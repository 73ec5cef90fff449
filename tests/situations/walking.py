"""Walk one mail of the corpus down the real road, and write down what became of it.

`python -m tests.situations.walking` writes every approved situation anew, for somebody to read
before it is committed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from kitchenwall.adapters.mime import read_message
from kitchenwall.app.pipeline import Considered, Memory, consider
from kitchenwall.config import Account, Config, Person
from kitchenwall.domain.message import Address, Arrival, Cursor, Message
from kitchenwall.domain.questions import Asked
from kitchenwall.roads import road_for

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases"
ROBIN = Address("robin@mail.example", "Robin Sommer")
LOGIN = "robin"


def situation_of(mail: str, asked: tuple[Asked, ...] = ()) -> str:
    """What becomes of a mail, by its path below tests/, a day after it was written: as text."""
    message = _read(ROOT / mail)
    me = message.to[0] if message.to else ROBIN
    config = Config(
        person=Person(name=ROBIN.name),
        accounts=(Account(name="home", address=me.spec, host="imap.mail.example", login=LOGIN),),
    )
    next_day = message.written + timedelta(days=1)
    memory = Memory(asked=lambda: asked)
    thought = consider(road_for(config, config.accounts[0]), message, next_day, memory)
    return _as_text(mail, thought)


def cases() -> dict[str, str]:
    """The approved situations: the name of each and the mail that it is about."""
    found = sorted(CASES.glob("*/*.txt"))
    return {f"{path.parent.name}/{path.stem}": _mail_of(path) for path in found}


def approved(name: str) -> str:
    return (CASES / f"{name}.txt").read_text(encoding="utf-8")


def write(name: str, mail: str) -> None:
    path = CASES / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(situation_of(mail), encoding="utf-8")


def _mail_of(path: Path) -> str:
    first, _, _ = path.read_text(encoding="utf-8").partition("\n")
    return first.removeprefix("mail: ")


def _read(path: Path) -> Message:
    raw = path.read_bytes()
    dated = read_message(_arrival(raw)).date
    assert dated is not None, f"{path} has no date"
    return read_message(_arrival(raw, dated))


def _arrival(raw: bytes, dated: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> Arrival:
    return Arrival(
        account="home", login=LOGIN, folder="INBOX", cursor=Cursor(1, 1),
        received=dated, size=len(raw), raw=raw,
    )  # fmt: skip


def _as_text(mail: str, thought: Considered) -> str:
    facts, reply = thought.facts, thought.reply
    lines = [
        f"mail: {mail}",
        f"plan: {type(thought.plan).__name__.lower()}, because {thought.plan.because}",
    ]
    if facts:
        lines += [
            f"language: {facts.language} {facts.formality}".rstrip(),
            f"stage: {facts.stage.value}",
            f"feedback: {facts.feedback.value}",
        ]
    if reply:
        letter = message_from_bytes(reply.data, policy=policy.default)
        lines += [
            f"from: {letter['From']}",
            f"to: {letter['To']}",
            f"subject: {letter['Subject']}",
            f"thread: {letter['References'] or 'none'}",
            f"question: {reply.question}",
            *(f"remark: {remark}" for remark in reply.remarks[:1]),
            "",
            _text_of(letter),
        ]
    return "\n".join(lines).rstrip() + "\n"


def _text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").rstrip()


if __name__ == "__main__":
    for name, mail in cases().items():
        write(name, mail)

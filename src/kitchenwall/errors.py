"""What can go wrong on purpose, each answering: what should the caller do?

Exit codes are those of sysexits(3). Messages are lower case, without a full stop, and say what
was attempted, what happened and what helps. Anything that is not one of these is our mistake and
keeps its traceback.
"""

from __future__ import annotations


class KitchenwallError(Exception):
    """Something we expected might happen."""

    exit_code = 70


class UsageError(KitchenwallError):
    """The command line asks for something that cannot be: exit 64."""

    exit_code = 64


class UnreadableMessage(KitchenwallError):
    """This one mail cannot be read; it is quarantined and its neighbours go on: exit 65."""

    exit_code = 65


class JournalTrouble(KitchenwallError):
    """The journal cannot be written or read (full disk, locked, corrupt, too new): exit 74."""

    exit_code = 74


class Unavailable(KitchenwallError):
    """Away for now, try again later: exit 75.

    `retry_after` is the least number of seconds to wait where the other side named one.
    """

    exit_code = 75

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AlreadyRunning(Unavailable):
    """Another process holds the lock for mail work: exit 75."""


class DraftUncertain(Unavailable):
    """The connection ended after the first byte of a draft and before the answer.

    The draft may or may not lie in the folder: look before doing anything else.
    """


class LookLost(Unavailable):
    """The connection ended in a look for earlier mails; whoever begins again does without."""


class AccessDenied(KitchenwallError):
    """The server or the key store refuses; only the person can help: exit 77."""

    exit_code = 77


class DraftRefused(KitchenwallError):
    """The server said no to a draft before or after it was sent: nothing was stored."""


class FolderMissing(KitchenwallError):
    """The server has no such folder."""

    exit_code = 78


class ConfigError(KitchenwallError):
    """The configuration cannot be used: exit 78. `problems` are all of them, each with its path."""

    exit_code = 78

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__("\n".join((message, *(f"  {problem}" for problem in problems))))
        self.problems = problems

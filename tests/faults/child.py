"""One life of the daemon in a process of its own, which really ends behind a call.

    python -m tests.faults.child PORT USER FOLDER [KIND NAME]

Without a call it lives until there is nothing left to do and prints its calls, one a line.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.faults.outside import Call, Outside, behind_first, never
from tests.faults.program import BlindMailbox, Parts, Program

STATUS = 9


def main(port: str, user: str, folder: str, *call: str) -> None:
    ends = behind_first(Call(*call)) if call else never
    outside = Outside(ends, end=lambda: os._exit(STATUS))
    parts = Parts(mailbox=BlindMailbox, settle=(0.1, 0.5))
    Program(folder=Path(folder), user=user, port=int(port), parts=parts).attend(outside)
    for made in outside.calls:
        print(made.kind, made.name, sep="\t")


if __name__ == "__main__":
    main(*sys.argv[1:])

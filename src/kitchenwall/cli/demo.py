"""`kitchenwall demo`: watch the whole thing work on an invented mailbox."""

from __future__ import annotations

import argparse
import io
import os
import shutil
import signal
import sys
from importlib.util import find_spec
from shlex import quote

from kitchenwall.errors import UsageError

EXTRA = "pymap"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing to type; `--keep` is for looking around."""
    parser.add_argument(
        "--keep",
        action="store_true",
        help="leave the mailbox and the daemon up, and say how a mail client connects",
    )


def run(args: argparse.Namespace) -> int:
    """Play it. 0 where all that is promised held; Ctrl-C ends it cleanly at any time."""
    if find_spec(EXTRA) is None:
        raise UsageError(
            f"the demo needs a small mail server that is not installed; this installs it:\n"
            f'  {sys.executable} -m pip install "{_requirement()}"'
        )
    from kitchenwall.adapters import logs
    from kitchenwall.demo.play import play
    from kitchenwall.demo.show import Show

    logs.setup("error")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a frame or an umlaut is no reason to stop
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    try:
        played = play(Show(_program()), keep=args.keep)
    except KeyboardInterrupt:
        return os.EX_OK if args.keep else 130
    return os.EX_OK if all(proof.holds for proof in played.proofs) else os.EX_SOFTWARE


def _program() -> str:
    """How this program is called here: by its name where the shell finds it, else by its path."""
    if shutil.which("kitchenwall"):
        return "kitchenwall"
    path = os.path.relpath(sys.argv[0])
    return quote(path if not path.startswith("..") else os.path.abspath(sys.argv[0]))


def _requirement() -> str:
    """The extra, with the versions that fit, as this package's metadata has it."""
    from importlib.metadata import requires

    found = (line.partition(";")[0].strip() for line in requires("kitchenwall") or ())
    return next((line for line in found if line.startswith(EXTRA)), EXTRA)

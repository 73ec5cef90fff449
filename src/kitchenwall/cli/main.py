"""Find the command that was asked for, run it, and turn our errors into exit codes.

Each command lives in a module of its own with `add_arguments(parser)` and `run(args) -> int`; only
the module of the command that was asked for is imported, so that help comes at once.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import NamedTuple, NoReturn

from kitchenwall import __version__
from kitchenwall.errors import KitchenwallError


class Command(NamedTuple):
    """A command's module and its line in the help."""

    module: str
    help: str


COMMANDS = {
    "run": Command("run", "watch the mailboxes until stopped (what the service runs)"),
    "once": Command("once", "make one pass over all accounts"),
    "scan": Command("scan", "look through the past; report, or lay drafts with --draft"),
    "explain": Command("explain", "say what would be done with one mail, and why"),
    "detect": Command("detect", "say what each of many mails is, one JSON line a mail"),
    "evaluate": Command("evaluate", "how often verdicts are right, on labelled mail or your own"),
    "language": Command("language", "which languages are read; check a language pack"),
    "template": Command("template", "the words of the letters: list, show, preview, check"),
    "journal": Command("journal", "what happened, what is asked, what is held"),
    "drafts": Command("drafts", "the drafts that were laid or wait"),
    "status": Command("status", "accounts, last pass, what waits for you"),
    "check": Command("check", "connect to every account and show what is there; lays nothing"),
    "password": Command("password", "keep an account's password where the file says"),
    "resume": Command("resume", "let an account that stopped itself try again"),
    "config": Command("config", "show, check or print an example of the configuration"),
    "service": Command("service", "install, show or remove the background service"),
    "demo": Command("demo", "watch the whole thing work on an invented mailbox"),
}


def main(argv: list[str] | None = None) -> int:
    """Run one command. Returns an exit code of sysexits(3)."""
    arguments = sys.argv[1:] if argv is None else argv
    _prepare_to_speak()
    try:
        try:
            return _run(arguments)
        finally:
            _flush()  # while a closed pipe or a full disk can still be told in our words
    except KitchenwallError as error:
        from kitchenwall.adapters.logs import redact

        print(f"kitchenwall: {redact(str(error))}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _forget_output()
        return 0


def _run(arguments: list[str]) -> int:
    parser, name = _parser(arguments)
    args = parser.parse_args(arguments)
    if name is None:
        parser.print_help()
        return 0 if not arguments else os.EX_USAGE
    code: int = _module(name).run(args)
    return code


def _prepare_to_speak() -> None:
    """A letter that the terminal does not have becomes "?"; what is closed swallows everything."""
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _flush() -> None:
    """Raises `BrokenPipeError` where nobody reads any more, `_Unsaid` where there is no room."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _forget_output()
        raise _Unsaid(f"cannot write the answer: {error.strerror}") from error


def _forget_output() -> None:
    """What is still to be written goes nowhere, lest the interpreter complains at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser(arguments: list[str]) -> tuple[argparse.ArgumentParser, str | None]:
    """A parser that knows every command by name and the chosen one in full."""
    parser = _Parser(
        prog="kitchenwall",
        description="Answers job rejections with a draft that says thank you and asks one good "
        "question, and keeps a private journal. It never sends.",
    )
    parser.add_argument("--version", action="version", version=f"kitchenwall {__version__}")
    parser.add_argument("--config", type=Path, metavar="FILE", help="another configuration file")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command")
    chosen = _chosen(arguments)
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.help, description=command.help)
        if name == chosen:
            _module(name).add_arguments(sub)
    return parser, chosen


class _Unsaid(KitchenwallError):
    """What was to be told could not be written: exit 74."""

    exit_code = 74


class _Parser(argparse.ArgumentParser):
    """argparse with the exit code that sysexits(3) has for a wrong command line."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(os.EX_USAGE, f"{self.prog}: {message}\n")


def _chosen(arguments: list[str]) -> str | None:
    """The first word that is no option and no value of --config."""
    words = iter(arguments)
    for word in words:
        if word == "--config":
            next(words, None)
        elif not word.startswith("-"):
            return word if word in COMMANDS else None
    return None


def _module(name: str):  # type: ignore[no-untyped-def]  # a module is the one thing without a type
    return importlib.import_module(f"kitchenwall.cli.{COMMANDS[name].module}")

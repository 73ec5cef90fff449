"""Show, check or print an example of the configuration."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kitchenwall.errors import ConfigError

if TYPE_CHECKING:
    from kitchenwall.config import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Four things to do, the first of them for a start."""
    acts = parser.add_subparsers(required=True, metavar="example|check|show|path")
    example = acts.add_parser("example", help="print a complete, commented file to start from")
    example.set_defaults(act=_example)
    check = acts.add_parser("check", help="tell everything that is wrong with the file")
    check.add_argument("--json", action="store_true", help="for programs")
    check.set_defaults(act=_check)
    show = acts.add_parser("show", help="print every setting as it is in effect")
    show.add_argument("--json", action="store_true", help="for programs")
    show.set_defaults(act=_show)
    path = acts.add_parser("path", help="print which file is used, even a broken one")
    path.add_argument("--state", action="store_true", help="print the journal's folder instead")
    path.set_defaults(act=_path)


def run(args: argparse.Namespace) -> int:
    """Do it. Raises `ConfigError`."""
    code: int = args.act(args)
    return code


def _example(_args: argparse.Namespace) -> int:
    from importlib import resources

    print(resources.files("kitchenwall").joinpath("config.example.toml").read_text("utf-8"), end="")
    return 0


def _check(args: argparse.Namespace) -> int:
    if not args.json:
        config = _loaded(args)
        print(f"{config.path} is fine: {_counted(config)}")
        return 0
    try:
        config = _loaded(args)
    except ConfigError as error:
        print(json.dumps({"ok": False, "problems": error.problems or [str(error)]}))
        return error.exit_code
    names = [account.name for account in config.accounts]
    print(json.dumps({"ok": True, "path": str(config.path), "accounts": names, "problems": []}))
    return 0


def _show(args: argparse.Namespace) -> int:
    from dataclasses import asdict

    config = _loaded(args)
    if args.json:
        print(json.dumps(asdict(config), default=str, ensure_ascii=False, indent=2))
    else:
        print("\n".join(_lines(config)))
    return 0


def _path(args: argparse.Namespace) -> int:
    from kitchenwall.config import find, state_folder

    print(state_folder(_loaded(args)) if args.state else find(args.config))
    return 0


def _loaded(args: argparse.Namespace) -> Config:
    from kitchenwall.config import find, load

    return load(find(args.config))


def _counted(config: Config) -> str:
    names = [account.name for account in config.accounts]
    return f"{len(names)} account{'s' if len(names) > 1 else ''} ({', '.join(names)})"


def _lines(config: Config) -> Iterator[str]:
    """The settings as a file that would mean the same, each with what it is for."""
    from dataclasses import fields

    from kitchenwall.config import SECTIONS

    yield f"# {config.path}, with every default"
    for name in SECTIONS:
        found = config.accounts if name == "account" else (getattr(config, name),)
        for section in found:
            yield ""
            yield "[[account]]" if name == "account" else f"[{name}]"
            for key in fields(section):
                yield f"{key.name} = {_toml(getattr(section, key.name))}"


def _toml(value: object) -> str:
    """A value in TOML, of which JSON's texts, numbers and lists of texts are a part."""
    return json.dumps(value, ensure_ascii=False)

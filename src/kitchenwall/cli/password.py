"""Keep an account's password, or look whether it is there; never show it."""

from __future__ import annotations

import argparse
import sys
import warnings
from typing import TYPE_CHECKING

from kitchenwall.errors import UsageError

if TYPE_CHECKING:
    from kitchenwall.config import Account, Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`set` and `check`, each for one account."""
    acts = parser.add_subparsers(required=True, metavar="set|check")
    keep = acts.add_parser("set", help="ask for it and keep it where the configuration says")
    keep.add_argument("account", metavar="ACCOUNT")
    keep.add_argument("--stdin", action="store_true", help="read it from standard input")
    keep.set_defaults(act=_set)
    look = acts.add_parser("check", help="look whether it is there, without showing it")
    look.add_argument("account", metavar="ACCOUNT")
    look.set_defaults(act=_check)


def run(args: argparse.Namespace) -> int:
    """Do it. Raises what `secret_for` and `store` raise."""
    from kitchenwall.config import find, load

    config = load(find(args.config))
    code: int = args.act(config, config.account(args.account), args)
    return code


def _check(_config: Config, account: Account, _args: argparse.Namespace) -> int:
    from kitchenwall.adapters.secrets import SECONDS_WITH_PERSON, secret_for

    secret_for(account, seconds=SECONDS_WITH_PERSON)
    print(f'the secret of "{account.name}" is there (password_from = "{account.password_from}")')
    return 0


def _set(config: Config, account: Account, args: argparse.Namespace) -> int:
    from kitchenwall.adapters.secrets import Secret, require_keyring, store

    require_keyring(account)
    typed = _from_stdin() if args.stdin else _asked(account)
    if not typed:
        raise UsageError("no password was given; nothing was changed")
    where = store(account, Secret(typed))
    print(f"kept the password of {account.login} in the key store ({where})")
    if _lift_stop(config, account):
        print(f'"{account.name}" had stopped itself and will try again')
    return 0


def _asked(account: Account) -> str:
    """What the person types, without echo. Raises `UsageError` without a terminal."""
    import getpass

    try:
        # Without a terminal, getpass would warn and then show what is typed.
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(f"password of {account.login} at {account.host}: ")
    except (getpass.GetPassWarning, EOFError):
        raise UsageError(
            "cannot ask for the password without a terminal; give it with --stdin"
        ) from None


def _from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _lift_stop(config: Config, account: Account) -> bool:
    """Let an account that stopped itself try again; whether it had."""
    from kitchenwall.adapters.sqlite import FILE_NAME, open_journal
    from kitchenwall.config import state_folder

    folder = state_folder(config)
    if not (folder / FILE_NAME).exists():
        return False
    with open_journal(folder) as journal:
        return journal.lift_stop(account.login)

"""`kitchenwall resume ACCOUNT`: let an account that stopped itself try again."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which account."""
    parser.add_argument(
        "account", metavar="ACCOUNT", help="the account's name in the configuration"
    )


def run(args: argparse.Namespace) -> int:
    """Lift the stop; a running daemon notices within half a minute."""
    from kitchenwall.cli.opened import configured, journal_of

    account = configured(args)[0].account(args.account)
    with journal_of(args) as journal:
        lifted = journal.lift_stop(account.login)
    if lifted:
        print(f"{account.name} tries again; a running kitchenwall notices within half a minute")
    else:
        print(f"{account.name} was not stopped")
    return 0

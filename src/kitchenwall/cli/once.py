"""`kitchenwall once`: one pass over all accounts, then the end."""

from __future__ import annotations

import argparse
import os
import sys

from kitchenwall.errors import KitchenwallError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--dry-run` walks the same road and writes nothing anywhere."""
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be done; write nothing"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Look at every account once. The exit code of the worst trouble, 0 where there was none."""
    from kitchenwall import config as configuration
    from kitchenwall import wiring
    from kitchenwall.adapters import logs
    from kitchenwall.adapters.lock import mail_work

    config = wiring.read_config(args.config)
    logs.setup(config.log.level)
    if args.dry_run:
        from kitchenwall.cli.scan import report_new

        return report_new(config, as_json=args.json)
    seen: dict[str, object] = {}
    worst = os.EX_OK
    with (
        mail_work(configuration.state_folder(config), "once"),
        wiring.open_journal(config) as journal,
    ):
        for account in config.accounts:
            try:
                seen[account.name] = wiring.watcher_for(config, account, journal).once()
            except KitchenwallError as error:
                print(f"kitchenwall: {account.name}: {logs.redact(str(error))}", file=sys.stderr)
                seen[account.name] = None
                worst = max(worst, error.exit_code)
    _tell(seen, as_json=args.json)
    return worst


def _tell(seen: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        import json

        print(json.dumps({"seen": seen}))
        return
    for account, count in seen.items():
        if count is not None:
            print(f"{account}: {count} new mails looked at")

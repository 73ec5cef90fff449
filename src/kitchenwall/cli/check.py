"""`kitchenwall check`: connect to every account and show what is there; lays nothing."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kitchenwall.errors import KitchenwallError

if TYPE_CHECKING:
    from kitchenwall.config import Account, Config

_USES = ("drafts", "sent", "archive", "trash", "junk")
_WELCOME = ("IDLE", "UIDPLUS", "SPECIAL-USE", "CONDSTORE", "LITERAL+")


@dataclass(slots=True)
class AccountCheck:
    """What one account's server says of itself."""

    account: str
    trouble: str = ""
    capabilities: tuple[str, ...] = ()
    folders: dict[str, int] = field(default_factory=dict)
    uses: dict[str, str | None] = field(default_factory=dict)
    all_folders: tuple[str, ...] = ()
    code: int = os.EX_OK


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """JSON for programs."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Look at every account and the person's own templates. 0 when all is well, else the first trouble's code."""
    from kitchenwall import roads, wiring
    from kitchenwall.cli import show

    config = wiring.read_config(args.config)
    checks = [_look(config, account) for account in config.accounts]
    ours = roads.shared_templates(roads.template_folder(config))
    templates = ours.check(config.person.languages, only=ours.touched)
    if args.json:
        show.as_json({"accounts": checks, "templates": templates})
    else:
        for check in checks:
            _tell(check)
        for problem in templates:
            show.line(f"template: {problem}")
        show.line("templates: fine" if not templates else "")
    troubles = [check.code for check in checks if check.code]
    return troubles[0] if troubles else os.EX_CONFIG if templates else os.EX_OK


def _look(config: Config, account: Account) -> AccountCheck:
    from kitchenwall import wiring
    from kitchenwall.adapters.logs import redact

    check = AccountCheck(account.name)
    try:
        box = wiring.open_mailbox(config, account)
        try:
            check.capabilities = box.capabilities
            check.all_folders = tuple(folder.name for folder in box.folders())
            check.uses = {use: box.folder_for(use) for use in _USES}
            check.folders = {name: box.examine(name).messages for name in account.folders}
            if drafts := check.uses["drafts"]:
                box.examine(drafts)
        finally:
            box.close()
    except KitchenwallError as error:
        check.trouble, check.code = redact(str(error)), error.exit_code
    if not check.trouble and check.uses["drafts"] is None:
        check.trouble = "no folder is clearly for drafts; set drafts_folder to one of those below"
        check.code = os.EX_CONFIG
    return check


def _tell(check: AccountCheck) -> None:
    from kitchenwall.cli import show

    show.line(f"{check.account}: {check.trouble or 'fine'}")
    if not check.all_folders:
        return
    show.pairs(
        [
            ("  watched", ", ".join(f"{name} ({count})" for name, count in check.folders.items())),
            *((f"  {use}", folder or "none found") for use, folder in check.uses.items()),
            ("  server can", ", ".join(word for word in _WELCOME if word in check.capabilities)),
            ("  cannot", ", ".join(word for word in _WELCOME if word not in check.capabilities)),
            ("  all folders", ", ".join(check.all_folders)),
        ]
    )

"""Install, show or remove the background service.

Without a word about it, root gets the system service (which runs as the person named with --for),
everybody else the service of their own session.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import join

from kitchenwall import config
from kitchenwall.adapters import sealed, systemctl, units
from kitchenwall.adapters.sealed import Done
from kitchenwall.adapters.units import Service
from kitchenwall.cli import readiness
from kitchenwall.cli.readiness import Todo
from kitchenwall.config import Config
from kitchenwall.errors import AccessDenied, ConfigError, UsageError

ACTIONS = {
    "install": "put the service in place and start it",
    "status": "say whether it is in place, switched on and running",
    "remove": "stop it and take it away; configuration and journal stay",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was done and what is left."""

    service: str
    files: tuple[Done, ...]
    started: bool = False
    todo: tuple[Todo, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", dest="action", required=True)
    for name, words in ACTIONS.items():
        action = actions.add_parser(name, help=words, description=words)
        scope = action.add_mutually_exclusive_group()
        scope.add_argument("--system", action="store_true", help="a service of the machine")
        scope.add_argument("--session", action="store_true", help="a service of your session")
        action.add_argument(
            "--for", "--user", dest="person", metavar="NAME", help="whose mail it is (--system)"
        )
        action.add_argument("--root", type=Path, metavar="DIR", help="another system's files")
        action.add_argument("--json", action="store_true", help="for programs")
        if name == "install":
            action.add_argument("--no-start", action="store_true", help="only put it in place")
        if name != "status":
            action.add_argument(
                "--force", action="store_true", help="also where a hand changed it; keeps a copy"
            )


def run(args: argparse.Namespace) -> int:
    service = _service(args)
    if args.action == "status":
        return _show(service, args)
    report = _install(service, args) if args.action == "install" else _remove(service, args)
    _print(report, args)
    return 0


def _service(args: argparse.Namespace) -> Service:
    root = args.root.absolute() if args.root else None
    if not _is_system(args):
        if args.person:
            raise UsageError("--for NAME belongs to --system; your session is always yours")
        session = units.of_session(_config_home(), root)
        return session if args.session or args.action != "status" else _mine(session)
    if not args.person:
        raise UsageError("say whose mail the system service is for: --for NAME")
    if root is None:
        try:
            pwd.getpwnam(args.person)
        except KeyError:
            raise UsageError(f'there is no user "{args.person}" on this machine') from None
    return units.of_person(args.person, root)


def _mine(session: Service) -> Service:
    """The session's service, or where there is none, the machine's for the same person."""
    person = pwd.getpwuid(os.getuid()).pw_name
    known = os.getuid() == 0 or session.elsewhere or session.unit.exists()
    if known or not units.PERSON.fullmatch(person):
        return session
    machines = units.of_person(person, None)
    return machines if units.links(machines) else session


def _config_home() -> Path:
    chosen = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    return chosen if chosen.is_absolute() else Path("~/.config").expanduser()


def _is_system(args: argparse.Namespace) -> bool:
    system: bool = args.system or (not args.session and os.geteuid() == 0)
    return system


def _install(service: Service, args: argparse.Namespace) -> Report:
    path, settings = _configuration(service, args)
    accounts = settings.accounts if settings else ()
    credentials = tuple(
        units.credential(service, account.credential)
        for account in accounts
        if account.password_from == "credential"  # noqa: S105 (the name of a place)
    )
    writable = _writable(settings, args)
    extras = units.dropin_text(credentials, _environment(args), writable)
    done = sealed.lay(
        {
            service.below_root(service.unit): units.unit_text(service, _command(args)),
            service.below_root(service.dropin): extras,
        },
        force=args.force,
    )
    todo = [
        *(readiness.configuration(service, path, settings) if path else ()),
        *readiness.credentials(service, credentials),
        *readiness.key_store(service, accounts),
        *readiness.journal_folder(service, writable),
    ]
    started, later = _switch_on(service, start=not (args.no_start or todo))
    todo += [*later, *readiness.always(service)]
    return Report(service=service.name, files=done, started=started, todo=tuple(todo))


def _switch_on(service: Service, *, start: bool) -> tuple[bool, list[Todo]]:
    """Enable and start the service as far as that is possible, or say how it is done later."""
    commands = systemctl.to_start(service)
    if service.elsewhere:
        systemctl.do(commands)
        return False, []
    if not systemctl.runs(service):
        return False, [Todo("systemd does not run here; when it does", tuple(map(join, commands)))]
    systemctl.do(commands if start else commands[:-1])
    return start, [] if start else [Todo("when all is ready, start it", (join(commands[-1]),))]


def _configuration(service: Service, args: argparse.Namespace) -> tuple[Path | None, Config | None]:
    """The file that the service will read, and what stands in it where it is there already."""
    if not _is_system(args):
        if args.root:
            return None, None
        try:
            path = config.find(args.config)
        except ConfigError:
            return _config_home() / "kitchenwall" / "config.toml", None
        return path, config.load(path)
    path = Path("/etc/kitchenwall") / f"{args.person}.toml"
    if args.config and args.config != path:
        raise UsageError(f"the system service reads {path}; put the configuration there")
    try:
        # Read, not loaded: it is the person's file, and root runs nothing of what it names.
        return path, config.parse(service.below_root(path).read_text("utf-8"), path)
    except FileNotFoundError:
        return service.below_root(path), None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from error


def _writable(settings: Config | None, args: argparse.Namespace) -> tuple[Path, ...]:
    """A journal of the system service in a folder of its own, which is read-only otherwise."""
    if settings is None or not settings.journal.folder or not _is_system(args):
        return ()
    folder = Path(settings.journal.folder)
    ours = Path("~").expanduser()
    if folder.is_relative_to(ours) and not args.root:
        # "~" was read as root's home and means the person's.
        folder = Path(pwd.getpwnam(args.person).pw_dir) / folder.relative_to(ours)
    return (folder,)


def _environment(args: argparse.Namespace) -> dict[str, str]:
    """Where this shell looks for configuration and journal, so that the service looks there too."""
    if _is_system(args):
        return {}
    names = ("XDG_CONFIG_HOME", "XDG_STATE_HOME")
    return {name: os.environ[name] for name in names if os.environ.get(name, "").startswith("/")}


def _command(args: argparse.Namespace) -> tuple[str, ...]:
    """The command that is running now, as the service will start it."""
    called = Path(sys.argv[0]).absolute()
    beside = Path(sys.executable).with_name("kitchenwall")
    path = called if called.name == "kitchenwall" else beside
    command = (str(path),) if os.access(path, os.X_OK) else (sys.executable, "-m", "kitchenwall")
    if not _is_system(args):
        return (*command, "--config", str(args.config.absolute())) if args.config else command
    asked = (*command, "--version")
    root_here = os.geteuid() == 0 and not args.root
    if root_here and (trouble := systemctl.trouble_as(args.person, asked)):
        raise AccessDenied(
            f"{args.person} cannot run {command[0]}: {trouble}; "
            f"install kitchenwall where {args.person} can run it, and call that one"
        )
    return command


def _remove(service: Service, args: argparse.Namespace) -> Report:
    shared = units.serves_others(service)
    paths = [service.below_root(service.dropin)]
    paths += [] if shared else [service.below_root(service.unit)]
    sealed.refuse_changed(paths, force=args.force)
    if running := systemctl.runs(service):
        systemctl.stop(service)
    done = (
        *sealed.unlink(units.links(service)),
        *sealed.lay(dict.fromkeys(paths, ""), force=args.force),
    )
    if running:
        systemctl.forget(service)
    todo = [Todo("left alone: configuration, journal and credentials")]
    if shared:
        todo.append(Todo(f"left alone: {service.unit}, which serves others too"))
    return Report(service=service.name, files=done, todo=tuple(todo))


def _show(service: Service, args: argparse.Namespace) -> int:
    unit, dropin = service.below_root(service.unit), service.below_root(service.dropin)
    installed = unit.exists()
    told = systemctl.told(service) if systemctl.runs(service) else {}
    facts: dict[str, object] = {
        "service": service.name,
        "unit": str(unit),
        "installed": installed,
        "changed_by_hand": [str(path) for path in (unit, dropin) if sealed.was_changed(path)],
        "enabled": bool(units.links(service)),
        **told,
    }
    if args.json:
        print(json.dumps(facts))
    else:
        _print_facts(facts)
    return os.EX_OK if installed else os.EX_UNAVAILABLE


def _print_facts(facts: Mapping[str, object]) -> None:
    if not facts["installed"]:
        print(f"{facts['service']} is not installed ({facts['unit']})")
        return
    state = f"{facts['ActiveState']} ({facts['SubState']})" if "ActiveState" in facts else "unknown"
    print(f"{facts['service']}: {state}, {'enabled' if facts['enabled'] else 'not enabled'}")
    if facts.get("StatusText"):
        print(f"  {facts['StatusText']}")
    print(f"  unit {facts['unit']}")
    for path in facts["changed_by_hand"]:  # type: ignore[attr-defined]  # a list, see _show
        print(f"  changed by hand: {path}")


def _print(report: Report, args: argparse.Namespace) -> None:
    if args.json:
        print(json.dumps(_as_json(report)))
        return
    if all(done.change == "absent" for done in report.files):
        print(f"{report.service}: was not installed")
    else:
        ending = " and started" if report.started else ""
        print(f"{report.service}: {args.action.removesuffix('e')}ed{ending}")
    for done in report.files:
        if done.change == "absent":
            continue
        print(f"  {done.change:<9} {done.path}")
        if done.copy:
            print(f"  {'kept':<9} {done.copy}")
    for why, commands in report.todo:
        print(why + (":" if commands else ""))
        for command in commands:
            print(f"  {command}")


def _as_json(report: Report) -> dict[str, object]:
    return {
        "service": report.service,
        "started": report.started,
        "files": [
            {"path": str(one.path), "change": one.change, "copy": str(one.copy or "")}
            for one in report.files
        ],
        "todo": [{"why": why, "commands": list(commands)} for why, commands in report.todo],
    }

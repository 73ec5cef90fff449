"""`kitchenwall run`: watch the mailboxes until stopped."""

from __future__ import annotations

import argparse
import logging
import os
import signal
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from kitchenwall.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kitchenwall.adapters.notify import Notifier
    from kitchenwall.config import Config

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments: everything is in the configuration."""
    del parser


def run(args: argparse.Namespace) -> int:
    """Watch until SIGTERM or SIGINT (exit 0); SIGHUP reads the configuration anew."""
    from kitchenwall import config as configuration
    from kitchenwall import roads, wiring
    from kitchenwall.adapters import logs
    from kitchenwall.adapters.lock import mail_work
    from kitchenwall.adapters.notify import Notifier

    config = wiring.read_config(args.config)
    folder = configuration.state_folder(config)
    logs.setup(config.log.level)
    notifier = Notifier.from_environment()
    signals = _Signals()
    with mail_work(folder, "run"), wiring.open_journal(config) as journal:
        while True:
            _warn_of_templates(roads.template_folder(config), config.person.languages)
            daemon = wiring.daemon_for(config, journal, manager=notifier)
            daemon.start()
            again = None
            try:
                again = _reloaded(signals, lambda: _read_again(args.config, folder), notifier)
            finally:
                if again is None:  # said on a reload too, it would end the service (measured)
                    notifier.stopping()
                daemon.stop()
            if again is None:
                return os.EX_OK
            config = again
            logs.setup(config.log.level)


def _reloaded(signals: _Signals, read: Callable[[], Config], notifier: Notifier) -> Config | None:
    """The next configuration after a SIGHUP that brought a usable one; None when asked to stop."""
    while signals.next() == signal.SIGHUP:
        notifier.reloading()
        try:
            config = read()
        except ConfigError as error:
            log.error("the configuration was not read anew, going on with the old one: %s", error)
            notifier.ready("the new configuration cannot be used; see the log")
        else:
            log.info("reading the configuration anew")
            return config
    return None


def _read_again(path: Path | None, folder: Path) -> Config:
    """The configuration, which must keep the journal where it is. Raises `ConfigError`."""
    from kitchenwall import config as configuration
    from kitchenwall import wiring

    config = wiring.read_config(path)
    if configuration.state_folder(config) != folder:
        raise ConfigError("journal.folder cannot change while kitchenwall runs; start it anew")
    return config


class _Signals:
    """Signals as a queue that the main thread waits on."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._take)

    def next(self) -> int:
        """Wait for the next signal; its number."""
        return os.read(self._read, 1)[0]

    def _take(self, number: int, _frame: FrameType | None) -> None:
        with suppress(BlockingIOError):
            os.write(self._write, bytes([number]))


def _warn_of_templates(folder: Path, languages: tuple[str, ...]) -> None:
    """Read the templates, anew after a reload, and tell what is wrong with them."""
    from kitchenwall.roads import shared_templates

    shared_templates.cache_clear()
    templates = shared_templates(folder)
    for problem in templates.check(languages, only=templates.touched):
        log.warning("template: %s", problem)

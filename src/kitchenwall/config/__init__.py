"""The person's settings: one TOML file, checked as a whole before anything runs."""

from kitchenwall.config.places import find, state_folder
from kitchenwall.config.reading import load, parse
from kitchenwall.config.settings import (
    SECTIONS,
    Account,
    Config,
    DetectionSettings,
    DraftSettings,
    JournalSettings,
    LogSettings,
    PasswordSource,
    Person,
    WatchSettings,
)

__all__ = [
    "SECTIONS",
    "Account",
    "Config",
    "DetectionSettings",
    "DraftSettings",
    "JournalSettings",
    "LogSettings",
    "PasswordSource",
    "Person",
    "WatchSettings",
    "find",
    "load",
    "parse",
    "state_folder",
]

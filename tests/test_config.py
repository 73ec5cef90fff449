"""The file is checked as a whole, and every message helps."""

from __future__ import annotations

import os
import pwd
import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitchenwall.config import (
    SECTIONS,
    Account,
    Config,
    Person,
    find,
    load,
    parse,
    state_folder,
)
from kitchenwall.errors import ConfigError

EXAMPLE = Path(__file__).parents[1] / "config.example.toml"
SMALL = """
[person]
name = "Robin Sommer"
[[account]]
name = "home"
address = "robin@mail.example"
host = "imap.mail.example"
"""


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        parse(text, Path("some.toml"))
    return caught.value.problems


def problem(text: str) -> str:
    found = problems(text)
    assert len(found) == 1, found
    return found[0]


def only_account(text: str) -> Account:
    return parse(text, Path("some.toml")).accounts[0]


# The example


def test_the_example_is_a_valid_file() -> None:
    config = parse(EXAMPLE.read_text(), EXAMPLE)
    assert [account.name for account in config.accounts] == ["home"]


def test_every_commented_line_of_the_example_is_the_default() -> None:
    text = EXAMPLE.read_text()
    spelled_out = re.sub(r"(?m)^# (?=[a-z_]+ = )", "", text)
    assert parse(spelled_out, EXAMPLE) == parse(text, EXAMPLE)


def test_the_example_names_every_key_once_under_its_section() -> None:
    named: dict[str, list[str]] = {}
    for line in EXAMPLE.read_text().splitlines():
        if heading := re.fullmatch(r"\[+([a-z]+)\]+", line):
            section = named.setdefault(heading[1], [])
        elif key := re.match(r"(?:# )?([a-z_]+) = ", line):
            section.append(key[1])
    assert {name: sorted(keys) for name, keys in named.items()} == {
        name: sorted(key.name for key in fields(kind)) for name, kind in SECTIONS.items()
    }


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('[draft]\nquiet_from = "21:00"', "draft.quiet_until: is missing"),
        ('[draft]\nquiet_until = "07:00"', "draft.quiet_from: is missing"),
        ('[draft]\nmorning = "8:30"', 'draft.morning: must be a time of day such as "08:30"'),
        ('[draft]\nwhen = "later"', "draft.when"),
        ("[draft]\nremind_days = 90", "draft.remind_days"),
    ],
)
def test_times_that_do_not_fit_are_told(more: str, told: str) -> None:
    assert told in problem(f"{SMALL}\n{more}")


def test_a_time_zone_is_one_of_this_machine() -> None:
    zoned = SMALL.replace('name = "Robin Sommer"', 'name = "Robin Sommer"\ntimezone = "{}"', 1)
    assert parse(zoned.format("Europe/Berlin"), Path("some.toml")).person.timezone
    for name in ("Berlin", "Europe/../Berlin", "/etc/passwd"):
        assert "person.timezone" in problem(zoned.format(name))


# What a small file means


def test_what_is_left_out_follows_from_what_is_there() -> None:
    config = parse(SMALL, Path("some.toml"))
    account = config.accounts[0]
    assert config.person.signature == "Robin Sommer"
    assert (account.login, account.port) == ("robin@mail.example", 993)
    assert account.credential == "home.password"
    assert account.folders == ("INBOX",)


def test_an_account_made_in_code_has_the_same_defaults() -> None:
    account = Account(name="a", address="a@b.example", host="::1", security="plain")
    assert (account.login, account.port, account.credential) == ("a@b.example", 143, "a.password")


def test_a_whole_number_will_do_where_a_fraction_may_stand() -> None:
    config = parse(SMALL + "[watch]\nidle_minutes = 2\npoll_minutes = 0.5", Path("some.toml"))
    assert (config.watch.idle_minutes, config.watch.poll_minutes) == (2.0, 0.5)


def test_paths_may_begin_with_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/robin")
    account = only_account(SMALL + 'password_from = "file"\npassword_file = "~/p"')
    assert account.password_file == "/home/robin/p"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_plain_text_is_for_this_machine(host: str) -> None:
    text = SMALL.replace("imap.mail.example", host) + 'security = "plain"'
    assert only_account(text).port == 143


@pytest.mark.parametrize("host", ["imap.mail.example", "10.0.0.1", "localhost.example", "0.0.0.0"])
def test_plain_text_to_anywhere_else_is_refused(host: str) -> None:
    text = SMALL.replace("imap.mail.example", host) + 'security = "plain"'
    assert problem(text).startswith("account[1].security:")


def test_an_account_is_found_by_its_name_or_the_names_are_told() -> None:
    config = parse(SMALL, Path("some.toml"))
    assert config.account("Home").name == "home"
    with pytest.raises(ConfigError, match="there are: home"):
        config.account("work")


# What is wrong with a file


def test_everything_wrong_is_told_at_once_each_with_its_path() -> None:
    text = """
        [person]
        nane = "Robin"
        [watch]
        idle_minutes = 29
        poll_minutes = true
        max_refusals = 2.0
        [[account]]
        name = "home"
        address = "robin"
        host = "imap.mail.example"
        [[account]]
        name = "work"
        address = "robin@work.example"
        port = "99x"
        folders = "INBOX"
        on_ambiguous = "retry"
        """
    assert [found.partition(": ")[0] for found in problems(text)] == [
        "person.nane",
        "person.name",
        "watch.idle_minutes",
        "watch.poll_minutes",
        "watch.max_refusals",
        "account[1].address",
        "account[2].on_ambiguous",
        "account[2].host",
        "account[2].port",
        "account[2].folders",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[watch]\nidle_minute = 5", 'did you mean "idle_minutes"?'),
        ("[watch]\ndraft_at = 0.9", "it belongs under [detection]"),
        ("[wacth]\nidle_minutes = 5", 'did you mean "watch"?'),
        ("[watch]\nidle_minutes = 29", "between 0.01 and 9, not 29"),
        ("[watch]\nidle_minutes = nan", "between 0.01 and 9"),
        ("[detection]\ndraft_at = 1", "between 0.5 and 0.99"),
        ('[log]\nlevel = "chatty"', 'must be "debug" or "info"'),
        ("[[draft]]\nper_day = 1", "write its heading as [draft]"),
        ('[journal]\nfolder = "here"', 'begins with "/" or "~"'),
    ],
)
def test_the_message_helps(text: str, told: str) -> None:
    assert told in problem(SMALL + text)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('password_from = "command"', "account[1].password_command: is missing"),
        ('password_from = "file"', "account[1].password_file: is missing"),
        ('password_from = "token_command"', "account[1].token_command: is missing"),
        ('password_command = ["pass"]', "account[1].password_command: is never used"),
        ("folders = []", "account[1].folders: must not be empty"),
        ('login = "a\\u000d\\u000ab"', "account[1].login: must be one line"),
        ('credential = "../x"', "account[1].credential: must be a file name"),
        ('aliases = ["one", "two@b.example"]', "account[1].aliases: must be an address"),
    ],
)
def test_keys_of_an_account_must_fit_together(line: str, told: str) -> None:
    assert problem(SMALL + line).startswith(told)


def test_two_accounts_need_two_names_and_two_logins() -> None:
    again = SMALL[SMALL.index("[[account]]") :].replace("home", "Home")
    assert [found.partition(": ")[0] for found in problems(SMALL + again)] == [
        "account[2].name",
        "account[2].login",
    ]


def test_a_file_without_accounts_says_how_one_begins() -> None:
    assert "[[account]]" in problem('[person]\nname = "Robin"')
    assert "[[account]]" in problem('[person]\nname = "Robin"\n[account]\nname = "home"')


def test_broken_toml_names_the_place() -> None:
    with pytest.raises(ConfigError, match=r"some\.toml.*line 2, column 8"):
        parse('\n[person\nname = "x"', Path("some.toml"))


# Secrets have no place in it


@pytest.mark.parametrize(
    "key", ["password", "passwd", "app_password", "secret", "token", "api_key", "pass", "Passwort"]
)
def test_a_secret_in_the_file_is_an_error_that_says_where_it_belongs(key: str) -> None:
    told = problem(SMALL + f'{key} = "hunter2-canary"')
    assert told.startswith(f"account[1].{key}: no secret may stand in this file")
    assert "kitchenwall password set" in told
    assert "hunter2" not in told


def test_a_misspelt_name_of_a_place_is_a_misspelling_and_no_secret() -> None:
    assert 'did you mean "password_file"?' in problem(SMALL + 'pasword_file = "~/p"')


@pytest.mark.parametrize("key", [key.name for key in fields(Account) if key.name != "name"])
def test_no_message_repeats_a_text_of_the_file(key: str) -> None:
    text = re.sub(rf"(?m)^{key} = .*\n", "", SMALL)
    values = ['"hunter2\\u0000canary"', '["hunter2\\u0000canary"]', "{x = 'hunter2'}"]
    for value in values:
        assert "hunter2" not in "".join(problems(text + f"{key} = {value}"))


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(ConfigError):
        parse(text, Path("some.toml"))


# Where it lies


def test_the_persons_file_comes_before_the_machines(tmp_path: Path) -> None:
    own = tmp_path / "kitchenwall/config.toml"
    system = tmp_path / "etc"
    environment = {"XDG_CONFIG_HOME": str(tmp_path), "HOME": "/nowhere"}
    with pytest.raises(ConfigError, match=f"kitchenwall config example > {own}"):
        find(None, environment, system=system)
    system.mkdir()
    (system / f"{pwd.getpwuid(os.getuid()).pw_name}.toml").touch()
    assert find(None, environment, system=system).parent == system
    own.parent.mkdir()
    own.touch()
    assert find(None, environment, system=system) == own
    assert find(Path("other.toml"), environment, system=system) == Path("other.toml")


def test_without_xdg_it_is_below_home_and_a_relative_xdg_does_not_count(tmp_path: Path) -> None:
    own = tmp_path / ".config/kitchenwall/config.toml"
    own.parent.mkdir(parents=True)
    own.touch()
    assert find(None, {"HOME": str(tmp_path), "XDG_CONFIG_HOME": "here"}) == own


def test_the_journal_lies_where_the_file_says_or_follows_the_files_place(tmp_path: Path) -> None:
    person = Person(name="Robin")
    environment = {"HOME": "/home/robin"}
    machine = Config(person=person, accounts=(), path=Path("/etc/kitchenwall/robin.toml"))
    assert state_folder(machine, environment) == Path("/var/lib/kitchenwall/robin")
    own = Config(person=person, accounts=(), path=Path("/home/robin/.config/x/config.toml"))
    assert state_folder(own, environment) == Path("/home/robin/.local/state/kitchenwall")
    environment["XDG_STATE_HOME"] = "/s"
    assert state_folder(own, environment) == Path("/s/kitchenwall")
    named = parse(SMALL + f'[journal]\nfolder = "{tmp_path}"', own.path)
    assert state_folder(named, environment) == tmp_path


# Whether it can be trusted


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(SMALL)
    path.chmod(0o600)
    return path


def test_a_file_of_ones_own_is_read(file: Path) -> None:
    assert load(file).path == file


def test_a_file_that_others_may_write_is_refused(file: Path) -> None:
    file.chmod(0o602)
    with pytest.raises(ConfigError, match="chmod go-w"):
        load(file)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_a_file_of_somebody_else_or_of_a_shared_group_is_refused(file: Path) -> None:
    os.chown(file, 0, 1)
    file.chmod(0o620)
    with pytest.raises(ConfigError, match="chmod go-w"):
        load(file)
    os.chown(file, 12345, 0)
    file.chmod(0o600)
    with pytest.raises(ConfigError, match="belongs to somebody else"):
        load(file)


def test_what_is_no_readable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for name in ("missing", "folder", "pipe", "bytes"):
        with pytest.raises(ConfigError, match=f"cannot read .*{name}: "):
            load(tmp_path / name)

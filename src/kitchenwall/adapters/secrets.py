"""Fetch an account's secret from the one place that the person named, and never show it.

There is no falling from one place to the next: a secret that is taken from where nobody expected
it is how the wrong one ends up at a server.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kitchenwall.adapters import keystore
from kitchenwall.adapters.logs import register_secret
from kitchenwall.adapters.private import open_file
from kitchenwall.adapters.programs import MOST_INPUT, output_of
from kitchenwall.config import Account
from kitchenwall.errors import AccessDenied, Unavailable, UsageError

SECONDS = 10.0
# Where a person sits in front of it, they may have to unlock the key store first.
SECONDS_WITH_PERSON = 120.0
MOST_BYTES = 65_536
MOST_CHARACTERS = 16_384
MARK_KEY = "secret.key"
MARK_KEY_BYTES = 32


class Secret:
    """A password or a token, which shows itself only to `reveal`.

    Its `origin` stands for it where the value is new every time (tokens): whoever wants to know
    whether the person changed something compares that.
    """

    __slots__ = ("_origin", "_value")

    def __init__(self, value: str, origin: str = "") -> None:
        register_secret(value)
        self._value = value
        self._origin = origin

    def reveal(self) -> str:
        """The secret itself, for the one call that needs it."""
        return self._value

    def lasting(self) -> str:
        """What stays the same until the person changes something; as secret as the secret."""
        return self._origin or self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self._value.encode(), other._value.encode()
        )

    __hash__ = None  # type: ignore[assignment]  # a secret is no key

    def __reduce__(self) -> str:
        raise TypeError("a secret is never written down")


def secret_for(
    account: Account, environment: Mapping[str, str] = os.environ, *, seconds: float = SECONDS
) -> Secret:
    """The account's password, or an access token where `password_from` is "token_command".

    Raises `AccessDenied` where only the person can help, and `Unavailable` where another try may
    do: a locked key store, a program that failed or took longer than `seconds`.
    """
    return _SOURCES[account.password_from](_Wish(account, environment, seconds))


def store(account: Account, secret: Secret) -> str:
    """Keep a password in the key store. Returns the store's name.

    Raises `UsageError`, which says how, where the account's password is kept elsewhere.
    """
    require_keyring(account)
    if len(_one_line(secret.reveal(), "you").encode()) > MOST_INPUT:
        raise UsageError(f"the password is longer than {MOST_INPUT} bytes; nothing was changed")
    answer = _ask_keystore(account, "set", SECONDS_WITH_PERSON, secret.reveal())
    if secret_for(account, seconds=SECONDS_WITH_PERSON) != secret:
        raise AccessDenied(f"the key store {answer['store']} did not keep the password")
    return answer["store"]


def require_keyring(account: Account) -> None:
    """Raise `UsageError`, which says how it is done, unless the key store is the place."""
    if account.password_from in _BY_HAND:
        how = _BY_HAND[account.password_from].format(account=account, program=_program(account))
        raise UsageError(
            f'the password of "{account.name}" is not kept in a key store, because the '
            f'configuration says password_from = "{account.password_from}"; {how}'
        )


def mark(secret: Secret, folder: Path) -> str:
    """What tells a changed secret from the same one without telling the secret (hexadecimal).

    An HMAC-SHA256 with a random key that is made once and lies in `folder`. Raises
    `JournalTrouble`.
    """
    return hmac.new(_mark_key(folder), secret.lasting().encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class _Wish:
    account: Account
    environment: Mapping[str, str]
    seconds: float


def _from_keyring(wish: _Wish) -> Secret:
    answer = _ask_keystore(wish.account, "get", wish.seconds)
    return Secret(_one_line(answer["secret"], "the key store"))


def _from_credential(wish: _Wish) -> Secret:
    from keyring.errors import InitError

    from kitchenwall.adapters.credentials import CredentialKeyring

    account, name = wish.account.name, wish.account.credential
    try:
        text = CredentialKeyring(wish.environment).get_password(keystore.SERVICE, name)
    except InitError:
        raise AccessDenied(
            f'the password of "{account}" is a systemd credential, and only the service sees '
            "those; start it with systemctl, or choose another password_from"
        ) from None
    except (OSError, UnicodeDecodeError):
        raise AccessDenied(f'cannot read the systemd credential "{name}"') from None
    if text is None:
        raise AccessDenied(
            f'the service has no credential "{name}"; "kitchenwall password set {account}" says '
            "how to give it one"
        )
    return Secret(_one_line(text, f'the credential "{name}"'))


def _from_command(wish: _Wish) -> Secret:
    return Secret(_first_line(wish.account.password_command, wish.seconds))


def _from_token_command(wish: _Wish) -> Secret:
    argv = wish.account.token_command
    return Secret(_first_line(argv, wish.seconds), origin=repr(argv))


def _from_file(wish: _Wish) -> Secret:
    path = wish.account.password_file
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with open(os.open(path, flags), "rb") as file:
            _require_private(path, os.fstat(file.fileno()))
            text = file.read(MOST_BYTES).decode()
    except UnicodeDecodeError:
        raise AccessDenied(f"cannot read the password in {path}: it is no UTF-8") from None
    except OSError as error:
        reason = "it is a symbolic link" if Path(path).is_symlink() else error.strerror
        raise AccessDenied(f"cannot read the password in {path}: {reason}") from None
    return Secret(_one_line(text, path))


_SOURCES: dict[str, Callable[[_Wish], Secret]] = {
    "keyring": _from_keyring,
    "credential": _from_credential,
    "command": _from_command,
    "file": _from_file,
    "token_command": _from_token_command,
}

_BY_HAND = {
    "credential": (
        "make the credential, as root, with\n"
        '  systemd-ask-password -n "Password:" | systemd-creds encrypt '
        "--name={account.credential} - /etc/credstore.encrypted/{account.credential}\n"
        "and give it to the service with\n"
        "  LoadCredentialEncrypted={account.credential}:"
        "/etc/credstore.encrypted/{account.credential}"
    ),
    "command": 'put it where the program "{program}" finds it',
    "file": (
        "make the file with\n"
        "  install -m 600 /dev/null {account.password_file}\n"
        "and put the password into it with an editor"
    ),
    "token_command": 'it has no password; the program "{program}" prints a token for it',
}


def _program(account: Account) -> str:
    return (account.password_command or account.token_command or ("",))[0]


def _ask_keystore(account: Account, act: str, seconds: float, secret: str = "") -> dict[str, str]:
    # -P: without it, the folder of this package would hide modules of the standard library.
    argv = [sys.executable, "-P", str(keystore.__file__), act, account.login]
    try:
        said = output_of(argv, seconds=seconds, stdin=secret.encode())
    except Unavailable:
        raise Unavailable(
            f"the key store gave no answer within {seconds:g} seconds; perhaps it waits for you "
            "to unlock it: log in to the desktop, or choose another password_from"
        ) from None
    answer: dict[str, str] = json.loads(said)
    _require_answer(account, answer)
    return answer


def _require_answer(account: Account, answer: Mapping[str, str]) -> None:
    status, name = answer["status"], answer.get("store", "")
    if status == "none" or answer.get("error") == "NoKeyringError":
        raise AccessDenied(
            "this machine or session has no key store that protects what it keeps; keep the "
            f'password of "{account.name}" another way, with password_from = "credential" '
            '(systemd), "command" (such as pass) or "file" (mode 0600) in the configuration'
        )
    if status == "nothing":
        raise AccessDenied(
            f"the key store {name} has no password for {account.login}; put it there with: "
            f"kitchenwall password set {account.name}"
        )
    if status == "locked":
        raise Unavailable(f"the key store {name} is locked; log in to the desktop to unlock it")
    if status == "failed":
        raise Unavailable(f"the key store {name} failed ({answer.get('error', '')})")


def _first_line(argv: tuple[str, ...], seconds: float) -> str:
    lines = output_of(argv, seconds=seconds).splitlines()
    try:
        text = lines[0].decode() if lines else ""
    except UnicodeDecodeError:
        raise AccessDenied(f'what the program "{argv[0]}" prints is no UTF-8') from None
    return _one_line(text, f'the program "{argv[0]}"')


def _one_line(text: str, place: str) -> str:
    """A secret without its file's last line end. Raises `AccessDenied`."""
    secret = text.removesuffix("\n").removesuffix("\r")
    if not secret:
        raise AccessDenied(f"the password from {place} is empty")
    if any(letter in secret for letter in "\0\r\n"):
        raise AccessDenied(f"the password from {place} has more than one line")
    if len(secret) > MOST_CHARACTERS:
        raise AccessDenied(f"the password from {place} is longer than {MOST_CHARACTERS} characters")
    return secret


def _require_private(path: str, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise AccessDenied(f"refuse the password in {path}: it is no regular file")
    if facts.st_uid != os.geteuid():
        raise AccessDenied(f"refuse the password in {path}: the file belongs to somebody else")
    if stat.S_IMODE(facts.st_mode) not in (0o600, 0o400):
        raise AccessDenied(
            f"refuse the password in {path}: others may see it; protect it with: chmod 600 {path}"
        )


def _mark_key(folder: Path) -> bytes:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(open_file(folder / MARK_KEY), "r+b", buffering=0) as file:
        # Two processes that start at once must end up with one key.
        fcntl.flock(file, fcntl.LOCK_EX)
        key = file.read(MARK_KEY_BYTES)
        if len(key) < MARK_KEY_BYTES:
            key = os.urandom(MARK_KEY_BYTES)
            file.seek(0)
            file.write(key)
            os.fsync(file.fileno())
    return key

"""systemd's credentials as a keyring: read-only files that only this service sees."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import InitError, PasswordSetError

MOST_BYTES = 65_536


class CredentialKeyring(KeyringBackend):
    """A keyring whose user names are names of credentials (systemd.exec(5), LoadCredential=).

    It is used by name only and never found by itself, hence the priority.
    """

    priority = 0

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._folder = environment.get("CREDENTIALS_DIRECTORY", "")

    def get_password(self, service: str, username: str) -> str | None:  # noqa: ARG002
        """The credential of that name; None where there is none.

        Raises `InitError` where the process has no credentials at all, `OSError` and
        `UnicodeDecodeError` where one cannot be read.
        """
        if not self._folder:
            raise InitError("no credentials were given to this process")
        if Path(username).name != username:
            return None
        try:
            with (Path(self._folder) / username).open("rb") as file:
                return file.read(MOST_BYTES).decode()
        except FileNotFoundError:
            return None

    def set_password(self, service: str, username: str, password: str) -> None:  # noqa: ARG002
        """Credentials are made by systemd-creds. Always raises `PasswordSetError`."""
        raise PasswordSetError("credentials are read-only")

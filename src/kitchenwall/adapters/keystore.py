"""Ask the desktop's key store, through keyring, in a process of its own that may be ended.

A key store that is locked can wait for its person for ever (python-keyring has no time limit),
so `secrets` runs this file as a program: arguments "get" or "set" and a login; a secret to keep
comes on standard input, the answer goes to standard output as JSON.

Only stores that protect what they keep are taken by themselves. Any other, for instance a plain
file, only where the person chose it by name, in PYTHON_KEYRING_BACKEND or in keyringrc.cfg.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "kitchenwall"
PROTECTED = {
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.libsecret.Keyring",
    "keyring.backends.macOS.Keyring",
    "keyring.backends.Windows.WinVaultKeyring",
}


def main(act: str, login: str) -> dict[str, str]:
    """The answer: `status` ("found", "kept", "nothing", "none", "locked", "failed"), `store`.

    No message of a library is passed on: nobody knows what it holds.
    """
    from keyring.errors import InitError, KeyringError, KeyringLocked

    name = ""
    try:
        store = _chosen()
        if store is None:
            return {"status": "none"}
        name = f"{type(store).__module__}.{type(store).__name__}"
        if act == "set":
            store.set_password(SERVICE, login, sys.stdin.read())
            return {"status": "kept", "store": name}
        secret = store.get_password(SERVICE, login)
    except (KeyringLocked, InitError):
        return {"status": "locked", "store": name}
    except (KeyringError, RuntimeError, ImportError, AttributeError, OSError, ValueError) as error:
        return {"status": "failed", "store": name, "error": type(error).__name__}
    if secret is None:
        return {"status": "nothing", "store": name}
    return {"status": "found", "store": name, "secret": secret}


def _chosen() -> KeyringBackend | None:
    """The store that the person named, else the best of the protected ones, else None."""
    from keyring import core
    from keyring.backend import by_priority, get_all_keyring

    named = core.load_env() or core.load_config()
    if named is not None:
        return named
    protected = [
        store
        for store in get_all_keyring()
        if f"{type(store).__module__}.{type(store).__name__}" in PROTECTED
    ]
    return max(protected, key=by_priority, default=None)


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)

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
# What keyring raises where somebody has to unlock the store, or did not want to.
LOCKED = {"KeyringLocked": "locked", "InitError": "locked"}


def main(act: str, login: str) -> dict[str, str]:
    """The answer: `status` ("found", "kept", "nothing", "none", "locked", "failed"), `store`.

    No message of a library is passed on: nobody knows what it holds.
    """
    name = ""
    try:
        store = _chosen()
        if store is None:
            return {"status": "none"}
        name = _name(store)
        if act == "set":
            # Not as text: a desktop's locale may know other letters than UTF-8.
            store.set_password(SERVICE, login, sys.stdin.buffer.read().decode())
            return {"status": "kept", "store": name}
        secret = store.get_password(SERVICE, login)
    # Backends let through what D-Bus and their own libraries raise, too.
    except Exception as error:
        kind = type(error).__name__
        return {"status": LOCKED.get(kind, "failed"), "store": name, "error": kind}
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
    protected = [store for store in get_all_keyring() if _name(store) in PROTECTED]
    return max(protected, key=by_priority, default=None)


def _name(store: KeyringBackend) -> str:
    return f"{type(store).__module__}.{type(store).__name__}"


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)

"""Fixtures that every test may ask for: servers on 127.0.0.1, and a user that nobody else has."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from kitchenwall.adapters.logs import forget_secrets
from tests.servers.dovecot import Dovecot, Setup
from tests.servers.proxy import Proxy
from tests.servers.scripted import Script, ScriptedServer

_NEED_A_SERVER = {"dovecot", "tls_dovecot", "proxy"}
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for a Debian server is marked as such."""
    for item in items:
        if isinstance(item, pytest.Function) and _NEED_A_SERVER & set(item.fixturenames):
            item.add_marker(pytest.mark.server)


@pytest.fixture(autouse=True)
def _no_secret_of_another_test() -> Iterator[None]:
    """What one test keeps out of its lines is no secret to the next: "a" may be one."""
    yield
    forget_secrets()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One plain Dovecot for the whole run; take `mail_user` for a mailbox of your own."""
    with Dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def tls_dovecot() -> Iterator[Dovecot]:
    """One Dovecot with its own authority: IMAPS on `tls_port`, STARTTLS on `port`."""
    with Dovecot(Setup(tls=True)) as server:
        yield server


@pytest.fixture
def mail_user() -> str:
    """A user that no other test of this run has; the password is "secret"."""
    return f"anna{next(_numbers)}@home.example"


@pytest.fixture
def proxy(dovecot: Dovecot) -> Iterator[Proxy]:
    """A proxy before the plain Dovecot; it only records until a fault is appended."""
    with Proxy(dovecot.port) as between:
        yield between


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], ScriptedServer]]:
    """Makes servers of scripts; they end with the test, which fails when a script was mistaken."""
    with ExitStack() as servers:
        yield lambda script: servers.enter_context(ScriptedServer(script))

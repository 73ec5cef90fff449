"""Run a mail server inside this process: the one door to pymap."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
from argparse import Namespace
from collections.abc import Coroutine, Generator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from pymap.backend.dict import DictBackend
from pymap.imap import IMAPService
from pysasl.hashing import Cleartext

from kitchenwall.errors import Unavailable

HOST = "127.0.0.1"
START_SECONDS = 10.0
STOP_SECONDS = 3.0


@contextmanager
def mail_server(user: str, password: str) -> Iterator[int]:
    """A server for one user with an empty INBOX, on a free port, which is what is given.

    It listens on 127.0.0.1 without TLS and keeps everything in memory. Raises `Unavailable`.
    """
    os.environ.setdefault("FQDN", "localhost")  # else its greeting asks the network for a name
    for name in ("pymap", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    server = _Server(user, password)
    thread = threading.Thread(target=server.run, name="demo mail server", daemon=True)
    thread.start()
    try:
        server.ready.wait(START_SECONDS)
        if not server.port:
            raise Unavailable(f"the demo's mail server did not start: {server.trouble}")
        yield server.port
    finally:
        server.stop()
        thread.join(STOP_SECONDS * 2)


@dataclass(slots=True)
class _Server:
    """The server as its thread knows it. `port` is 0 until it listens."""

    user: str
    password: str
    port: int = 0
    trouble: str = "it took too long"
    ready: threading.Event = field(default_factory=threading.Event)
    _loop: asyncio.AbstractEventLoop | None = None
    _stopping: asyncio.Event | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            self.trouble = f"{type(error).__name__}: {error}"
        finally:
            self.ready.set()

    def stop(self) -> None:
        if self._loop is not None and self._stopping is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_task_factory(_Tasks().make)
        port = _free_port()
        backend, config = await DictBackend.init(
            _settings(self.user, self.password, port),
            hash_context=Cleartext(),
            bad_command_limit=None,
        )
        config.apply_context()
        async with AsyncExitStack() as stack:
            await backend.start(stack)
            await IMAPService(backend, config).start(stack)
            self.port = port
            self.ready.set()
            await self._stopping.wait()
            await _end_connections()


class _Tasks:
    """Keeps every task until it is done, as asyncio asks its users to.

    pymap does not, and on Python 3.13 the collector took a connection away while it was in use.
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def make(
        self,
        loop: asyncio.AbstractEventLoop,
        work: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
        **named: Any,
    ) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **named)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task


async def _end_connections() -> None:
    """Since Python 3.12, leaving a server waits for its connections: end them before."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=STOP_SECONDS)


def _settings(user: str, password: str, port: int) -> Namespace:
    """pymap's command line, as its parser would give it."""
    return Namespace(
        host=[HOST],
        port=str(port),
        tls=False,
        cert=None,
        key=None,
        proxy_protocol=None,
        inherited_sockets=None,
        demo_data=False,
        demo_user=user,
        demo_password=password,
        passlib_cfg=None,
        skip_services=[],
        debug=False,
        logging_cfg=None,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])

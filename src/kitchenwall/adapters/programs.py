"""Start another program: the one place where that can happen.

Never through a shell, with a small environment, in a session of its own, and never for longer
or with more output than allowed. What a program prints may be a secret, so no message of ours
repeats it.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from kitchenwall.errors import AccessDenied, Unavailable

MOST_OUTPUT = 65_536
MOST_INPUT = 4096
# What password programs (pass, gpg, secret-tool, op), systemctl and keyring need to find their
# own things. Nothing else of our environment is anybody's business.
PASSED_ON = (
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "GNUPGHOME",
    "GPG_TTY",
    "HOME",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "PASSWORD_STORE_DIR",
    "PYTHON_KEYRING_BACKEND",
    "USER",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
)


@dataclass(frozen=True, slots=True)
class Result:
    """How a program ended, and what it said (UTF-8, broken bytes replaced)."""

    code: int
    out: str
    err: str


def output_of(argv: Sequence[str], *, seconds: float, stdin: bytes = b"") -> bytes:
    """What a program prints when it is given `stdin`. Its own complaints are dropped.

    Raises `AccessDenied` when it cannot be started or prints more than 64 KiB, `Unavailable`
    when it fails or is not done in time. Neither repeats what it printed.
    """
    code, out, _ = _run(argv, seconds, stdin, subprocess.DEVNULL)
    if code != 0:
        raise Unavailable(f'the program "{argv[0]}" failed ({_ending(code)}); try it by hand')
    return out


def run_quietly(argv: Sequence[str], seconds: float) -> Result:
    """Run a program that holds no secrets. Raises as `output_of`, but not when it fails."""
    code, out, err = _run(argv, seconds, b"", subprocess.PIPE)
    return Result(code, out.decode(errors="replace"), err.decode(errors="replace"))


def _run(
    argv: Sequence[str], seconds: float, stdin: bytes, errors: int
) -> tuple[int, bytes, bytes]:
    name = argv[0]
    with _start(argv, errors) as program:
        deadline = time.monotonic() + seconds
        try:
            _tell(program, stdin)
            out, err = _listen(program, deadline)
            code = program.wait(max(0.0, deadline - time.monotonic()))
        except (TimeoutError, subprocess.TimeoutExpired):
            _end(program)
            raise Unavailable(
                f'the program "{name}" was not done within {seconds:g} seconds and was ended'
            ) from None
        except OverflowError:
            _end(program)
            raise AccessDenied(f'the program "{name}" printed too much and was ended') from None
        except BaseException:
            _end(program)
            raise
    return code, out, err


def _start(argv: Sequence[str], errors: int) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603  # argv comes from the person's own file
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            bufsize=0,
            cwd="/",
            env=_environment(),
            start_new_session=True,
        )
    except OSError as error:
        raise AccessDenied(f'cannot start the program "{argv[0]}": {error.strerror}') from None


def _tell(program: subprocess.Popen[bytes], stdin: bytes) -> None:
    """Hand over what fits into any new pipe, so that nobody ever waits here."""
    if len(stdin) > MOST_INPUT:
        raise ValueError("too long for another program's input")
    if program.stdin:
        with suppress(BrokenPipeError):
            program.stdin.write(stdin)
        program.stdin.close()


def _listen(program: subprocess.Popen[bytes], deadline: float) -> tuple[bytes, bytes]:
    """All that it prints, until it closes its streams. Raises `TimeoutError`, `OverflowError`."""
    said = {stream: bytearray() for stream in (program.stdout, program.stderr) if stream}
    with selectors.DefaultSelector() as ready:
        for stream in said:
            ready.register(stream, selectors.EVENT_READ)
        while ready.get_map():
            events = ready.select(max(0.0, deadline - time.monotonic()))
            if not events:
                raise TimeoutError
            for key, _ in events:
                data = os.read(key.fd, MOST_OUTPUT)
                if not data:
                    ready.unregister(key.fileobj)
                said[key.fileobj] += data  # type: ignore[index]  # the stream registered above
                if len(said[key.fileobj]) > MOST_OUTPUT:  # type: ignore[index]
                    raise OverflowError
    out, err = (*said.values(), bytearray())[:2]
    return bytes(out), bytes(err)


def _end(program: subprocess.Popen[bytes]) -> None:
    """End a program and all that it started."""
    if program.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def _environment() -> dict[str, str]:
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {"PATH": os.environ.get("PATH", os.defpath), **passed}


def _ending(code: int) -> str:
    return f"status {code}" if code >= 0 else f"ended by {signal.Signals(-code).name}"

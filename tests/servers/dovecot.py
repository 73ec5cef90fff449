r"""Run a private Dovecot 2.3 on 127.0.0.1, in a folder of its own, without asking for root.

    with Dovecot() as server:
        server.deliver("anna", mail)
        RawClient(server.port).login("anna")

Facts that shape it (measured with 2.3.19.1): mail owned by root is refused, so root hands the
server to nobody; unix socket paths end at 108 octets, so the folder is short; without the
anvil-auth-penalty line every login after a failed one waits four seconds (a refusal itself takes
500 ms, the clock of its auth process); a mail laid into an idling folder is announced about
500 ms later; a hidden capability still works when it is asked for.
"""

import contextlib
import grp
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.client import RawClient, Refused, encoded
from tests.servers.tls import Certificates, issue

PROGRAM = "/usr/sbin/dovecot"
# A test run that is killed takes its server along; the thread that starts it must outlive it.
_WITH_US = ("setpriv", "--pdeathsig", "TERM")
SPECIAL_USE: Mapping[str, str] = {
    "Drafts": "\\Drafts",
    "Sent": "\\Sent",
    "Archive": "\\Archive",
    "Trash": "\\Trash",
    "Junk": "\\Junk",
}
CAPABILITIES = """
    IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES
    THREAD=REFS THREAD=ORDEREDSUBJECT MULTIAPPEND URL-PARTIAL CATENATE UNSELECT CHILDREN
    NAMESPACE UIDPLUS LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN
    CONTEXT=SEARCH LIST-STATUS BINARY MOVE SNIPPET=FUZZY PREVIEW=FUZZY PREVIEW STATUS=SIZE
    SAVEDATE LITERAL+ NOTIFY SPECIAL-USE
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What may differ from one test server to the next."""

    tls: bool = False
    names: tuple[str, ...] = ("localhost", "127.0.0.1")  # in the certificate
    days: int = 2  # how long the certificate is good; negative: it has expired
    folders: Mapping[str, str] = field(
        default_factory=lambda: dict(SPECIAL_USE)
    )  # full name -> use
    prefix: str = ""  # of the personal namespace: "INBOX." is what Courier does
    separator: str = "/"
    without: frozenset[str] = frozenset()  # capabilities the server hides
    passwords: Mapping[str, str] = field(default_factory=dict)  # empty: "secret" lets anybody in
    extra: str = ""  # more lines for dovecot.conf
    root: Path = Path("/tmp")  # where its folder is made; keep it short


class Dovecot:
    """One server and its mailboxes; a context manager that starts it and leaves nothing behind."""

    def __init__(self, setup: Setup | None = None) -> None:
        self.setup = setup or Setup()
        self.folder = Path(tempfile.mkdtemp(prefix="kw-", dir=self.setup.root))
        self.folder.chmod(0o755)
        self.owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self.port, self.tls_port = free_port(), free_port() if self.setup.tls else 0
        self.certificates: Certificates | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._prepare()

    @property
    def ca_file(self) -> Path:
        """The authority to trust; only where the setup says tls."""
        assert self.certificates, "this server speaks no TLS: Setup(tls=True)"
        return self.certificates.ca_file

    @property
    def log(self) -> str:
        return "".join(
            path.read_text(errors="replace")
            for name in ("stderr", "log")
            if (path := self.folder / name).exists()
        )

    def start(self) -> Self:
        """Start it and wait until it greets; raises RuntimeError with its log when it does not."""
        as_root = os.getuid() == 0
        with (self.folder / "stderr").open("wb") as stderr:
            self._process = subprocess.Popen(
                [*_WITH_US, PROGRAM, "-F", "-c", self.folder / "dovecot.conf"],
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
                user=self.owner.pw_uid if as_root else None,
                group=self.owner.pw_gid if as_root else None,
                extra_groups=[] if as_root else None,
            )
        self._await_greeting(time.monotonic() + 10)
        return self

    def stop(self) -> None:
        """Ask it to end, as an administrator would; takes about a second."""
        self._end(signal.SIGTERM, patience=5)

    def kill(self) -> None:
        """End it with all its sessions at once, as a power cut would."""
        self._end(signal.SIGKILL, patience=0)

    def restart(self) -> None:
        """Stop and start again: same port, same mailboxes."""
        self.stop()
        self.start()

    def client(self, user: str, password: str = "secret") -> RawClient:
        """A logged-in raw client of the plain port."""
        return RawClient(self.port).login(user, password)

    def deliver(self, user: str, mail: bytes, folder: str = "INBOX", flags: bytes = b"") -> int:
        """Lay one mail into a mailbox; gives its UID."""
        return self.deliver_all(user, [mail], folder, flags)[0]

    def deliver_all(
        self, user: str, mails: Iterable[bytes], folder: str = "INBOX", flags: bytes = b""
    ) -> list[int]:
        """Lay mails into a mailbox over one connection; gives their UIDs, in their order."""
        with self.client(user, self.setup.passwords.get(user, "secret")) as client:
            told = [client.append(folder, mail, flags) for mail in mails]
        return [uid for uid in told if uid is not None]

    def maildir(self, user: str, folder: str = "INBOX") -> Path:
        """Where a user's mails of one folder lie: cur, new and tmp (Maildir++)."""
        root = self.folder / "mail" / user
        if folder.upper() == "INBOX":
            return root
        name = encoded(folder.removeprefix(self.setup.prefix)).replace(self.setup.separator, ".")
        return root / f".{name}"

    def own(self, path: Path) -> None:
        """Hand a file, or a folder with all that is in it, to the user the server runs as."""
        if os.getuid() != 0:
            return
        for below in [path, *path.rglob("*")]:
            os.chown(below, self.owner.pw_uid, self.owner.pw_gid)

    def reset_uidvalidity(self, user: str, folder: str = "INBOX") -> None:
        """Forget the UIDs of a folder: the next session sees a new UIDVALIDITY and UIDs from 1.

        No session of that user may be open.
        """
        below = self.maildir(user, folder)
        for path in [*below.glob("dovecot*"), *self.maildir(user).glob("dovecot.list.index*")]:
            if path.is_file() and "uidvalidity" not in path.name:
                path.unlink()

    def set_password(self, user: str, password: str) -> None:
        """Change a password while the server runs; only where the setup names passwords.

        Dovecot looks at the file once a second: this comes back when the new password works.
        """
        assert self.setup.passwords, "this server lets anybody in: Setup(passwords=...)"
        self.setup = replace(self.setup, passwords={**self.setup.passwords, user: password})
        self._write_passwords()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with RawClient(self.port) as client, contextlib.suppress(Refused):
                client.login(user, password)
                return
        raise RuntimeError(f"dovecot does not take the new password: {self.log}")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _prepare(self) -> None:
        for name in ("run", "state", "mail", "home"):
            (self.folder / name).mkdir()
        if self.setup.tls:
            self.certificates = issue(self.folder, self.setup.names, self.setup.days)
        self._write_passwords()
        conf = configuration(self.setup, self.folder, self.owner, self.port, self.tls_port)
        (self.folder / "dovecot.conf").write_text(conf)
        self.own(self.folder)

    def _write_passwords(self) -> None:
        path = self.folder / "passwords"
        path.write_text("".join(f"{u}:{{PLAIN}}{p}\n" for u, p in self.setup.passwords.items()))
        # Dovecot reads the file again only when its second or its size differs
        os.utime(path, (0, random.SystemRandom().randrange(10**9)))

    def _await_greeting(self, deadline: float) -> None:
        assert self._process
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._greets():
                return
            time.sleep(0.005)
        self._end(signal.SIGKILL, patience=0)
        raise RuntimeError(f"dovecot does not start on port {self.port}: {self.log}")

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                return probe.recv(4) == b"* OK"
        except OSError:
            return False

    def _end(self, how: signal.Signals, patience: float) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        if process.poll() is None and how != signal.SIGKILL:
            process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its own session: nobody else is in it
        process.wait(5)


def free_port() -> int:
    """A port nobody listens on, below those the kernel hands out, so that it stays free."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            port = random.SystemRandom().randrange(15000, 32000)
            probe.bind(("127.0.0.1", port))
            return port


def configuration(
    setup: Setup, folder: Path, owner: pwd.struct_passwd, port: int, tls_port: int
) -> str:
    """The text of dovecot.conf."""
    offered = [name for name in CAPABILITIES.split() if name not in setup.without]
    return _CONF.format(
        folder=folder,
        user=owner.pw_name,
        group=grp.getgrgid(owner.pw_gid).gr_name,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        port=port,
        tls_port=tls_port,
        passdb=_PASSWD_FILE.format(folder=folder) if setup.passwords else _ANYBODY,
        prefix=setup.prefix,
        separator=setup.separator,
        mailboxes="".join(
            _mailbox(name.removeprefix(setup.prefix), use) for name, use in setup.folders.items()
        ),
        tls=_TLS.format(folder=folder) if setup.tls else "ssl = no",
        capability=f"imap_capability = {' '.join(offered)}" if setup.without else "",
        extra=setup.extra,
    )


def _mailbox(name: str, use: str) -> str:
    special = f"    special_use = {use}\n" if use else ""
    return f'  mailbox "{name}" {{\n{special}    auto = subscribe\n  }}\n'


_ANYBODY = "  driver = static\n  args = password=secret"
_PASSWD_FILE = "  driver = passwd-file\n  args = username_format=%u {folder}/passwords"
_TLS = """\
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
ssl_min_protocol = TLSv1.2"""
_CONF = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = {uid}
last_valid_uid = {uid}
first_valid_gid = {gid}
mail_location = maildir:{folder}/mail/%u
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0 secs
mail_max_userip_connections = 0
passdb {{
{passdb}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = {separator}
{mailboxes}}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
service imap {{
  vsz_limit = 1024M
}}
{tls}
{capability}
{extra}
"""

"""Make a certificate authority and a server certificate for one test, with openssl."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAMES = ("localhost", "127.0.0.1")
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True, slots=True)
class Certificates:
    """Three PEM files: whom to trust, what the server shows, and the server's key."""

    ca_file: Path
    cert_file: Path
    key_file: Path

    def client_context(self) -> ssl.SSLContext:
        """A context that trusts this authority alone."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert_file, self.key_file)
        return context


def issue(folder: Path, names: tuple[str, ...] = NAMES, days: int = 2) -> Certificates:
    """Make an authority in the folder, and a server certificate for the names; about 30 ms.

    A negative number of days gives a certificate that has expired.
    """
    made = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    ca_key, request, extensions = folder / "ca.key", folder / "server.csr", folder / "server.ext"
    extensions.write_text(f"subjectAltName={','.join(map(_alternative, names))}\n")
    _openssl(
        *("req", "-x509", *_KEY, "-keyout", ca_key, "-out", made.ca_file, "-days", "30"),
        *("-subj", "/CN=Kitchenwall test authority"),
        *("-addext", "basicConstraints=critical,CA:TRUE"),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
    )
    _openssl("req", *_KEY, "-keyout", made.key_file, "-out", request, "-subj", f"/CN={names[0]}")
    _openssl(
        *("x509", "-req", "-in", request, "-CA", made.ca_file, "-CAkey", ca_key, "-CAcreateserial"),
        *("-days", str(days), "-extfile", extensions, "-out", made.cert_file),
    )
    return made


def _alternative(name: str) -> str:
    return f"IP:{name}" if name.replace(".", "").isdigit() else f"DNS:{name}"


def _openssl(*arguments: str | Path) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, timeout=20)
    if done.returncode:
        raise RuntimeError(f"openssl {arguments[0]} failed: {done.stderr.decode()}")

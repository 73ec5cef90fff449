"""What holds on this Python holds on the newest one that is installed."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent
NEWER = [
    f"python3.{minor}" for minor in range(sys.version_info.minor + 1, sys.version_info.minor + 6)
]


def newer_pythons() -> list[str]:
    """Interpreters newer than ours that can make an environment; one a version."""
    known = sorted(Path.home().glob(".pyenv/versions/*/bin"))
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, known)])
    found = (shutil.which(name, path=path) for name in NEWER)
    places = (shutil.which(name, path=os.pathsep.join(map(str, known))) for name in NEWER)
    usable = [
        next((p for p in pair if p and _works(p)), "") for pair in zip(found, places, strict=True)
    ]
    return [python for python in usable if python]


def _works(python: str) -> bool:
    probe = [python, "-c", "import ensurepip, venv"]
    return subprocess.run(probe, capture_output=True, timeout=30, check=False).returncode == 0


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a short name: some tests look at how lines with the program's path are laid out."""
    with tempfile.TemporaryDirectory(prefix="kw") as folder:
        yield Path(folder)


@pytest.mark.server
@pytest.mark.timeout(900)
@pytest.mark.skipif("KITCHENWALL_NEWER" in os.environ, reason="we are that newer Python")
@pytest.mark.parametrize(
    "python",
    newer_pythons()[-1:] or [pytest.param("", marks=pytest.mark.skip("none is installed"))],
)
def test_everything_that_needs_no_server_holds_there_too(python: str, short: Path) -> None:
    venv = short / "venv"
    run([python, "-m", "venv", venv])
    pip: list[str | Path] = [
        venv / "bin/python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    run([*pip, "--require-hashes", "-r", HERE / "requirements-ci.txt"])
    run([*pip, "--no-deps", "--no-build-isolation", HERE])
    # What breaks between two releases breaks on the newest. Five hundred lying servers, the sentences
    # of the corpus and every letter there is take their minutes once, on the oldest.
    once = (
        "hostile/test_hostile_servers.py",
        "domain/test_sentences_of_the_corpus.py",
        "adapters/test_templates.py",
        "cli/test_template_command.py",
    )
    skip = [f"--ignore=tests/{file}" for file in once]
    quick = ["-q", "-m", "not server", "-p", "no:cacheprovider", *skip]
    said = run([venv / "bin/python", "-m", "pytest", *quick])
    passed = re.search(r"(\d+) passed", said)
    assert passed is not None
    assert int(passed.group(1)) > 500


def run(command: Sequence[str | Path]) -> str:
    """A command's output; its last lines in the failure where it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["KITCHENWALL_NEWER"] = "1"
    done = subprocess.run(
        command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=800, check=False
    )
    assert done.returncode == 0, "\n".join((done.stdout + done.stderr).splitlines()[-40:])
    return done.stdout

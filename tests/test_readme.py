"""The first thing that a person reads is true."""

import re
from pathlib import Path

from kitchenwall.cli.main import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_it_shows_of_the_demo_is_what_the_demo_shows() -> None:
    """`docs/demo.txt` itself is compared with a real run in tests/demo."""
    shown = README.partition("<!-- demo -->")[2].partition("<!-- /demo -->")[0]
    lines = [line for line in shown.splitlines() if line.strip() and line != "```"]
    demo = (ROOT / "docs/demo.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 20
    assert [line for line in lines if line not in demo] == []


def test_every_command_that_it_names_exists() -> None:
    named = set(re.findall(r"(?:`|^)kitchenwall ([a-z]+)", README, re.MULTILINE))
    assert len(named) > 8
    assert named <= set(COMMANDS)


def test_every_page_that_it_links_exists() -> None:
    linked = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(linked) > 4
    assert [page for page in linked if not (ROOT / page).exists()] == []


def test_every_workflow_that_it_names_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z]+)`", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)

"""Sealed files: laid at once, and never over what a hand changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kitchenwall.adapters import sealed
from kitchenwall.errors import AccessDenied, UsageError


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def put(path: Path, text: str = "x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def text(name: str) -> str:
    return sealed.sealed(f"[Service]\nNice={name}\n")


def test_what_was_laid_can_be_read_by_everybody_and_written_by_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "a.service.d" / "b.conf"
    assert [done.change for done in sealed.lay({path: text("one")}, force=False)] == ["written"]
    assert path.read_text() == text("one")
    assert path.stat().st_mode & 0o777 == 0o644
    assert path.parent.stat().st_mode & 0o777 == 0o755
    assert list(path.parent.iterdir()) == [path]


def test_laying_the_same_again_changes_nothing_and_laying_another_updates(tmp_path: Path) -> None:
    path = tmp_path / "unit"
    sealed.lay({path: text("one")}, force=False)
    assert [done.change for done in sealed.lay({path: text("one")}, force=False)] == ["unchanged"]
    assert [done.change for done in sealed.lay({path: text("two")}, force=False)] == ["updated"]
    assert path.read_text() == text("two")


@pytest.mark.parametrize(
    "own", ["", "[Service]\n", text("one") + "Nice=5\n", text("one")[:-1], "\udcff"]
)
def test_a_file_changed_by_hand_is_refused_before_anything_is_written(
    tmp_path: Path, own: str
) -> None:
    untouched, changed = tmp_path / "first", tmp_path / "second"
    changed.write_bytes(own.encode(errors="surrogateescape"))
    with pytest.raises(UsageError, match=r"changed by hand.*--force"):
        sealed.lay({untouched: text("two"), changed: text("two")}, force=False)
    assert not untouched.exists()
    assert changed.read_bytes() == own.encode(errors="surrogateescape")


def test_force_keeps_every_copy_of_a_file_changed_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "x.service"
    for own in ("mine", "mine again"):
        path.write_text(own)
        (done,) = sealed.lay({path: text("one")}, force=True)
        assert done.copy is not None
        assert done.copy.read_text() == own
        assert done.copy.suffix != ".service"
    assert path.read_text() == text("one")
    assert len(list(tmp_path.iterdir())) == 3


def test_a_masked_unit_is_somebodys_will(tmp_path: Path) -> None:
    path = tmp_path / "x.service"
    path.symlink_to("/dev/null")
    with pytest.raises(UsageError, match="changed by hand"):
        sealed.lay({path: text("one")}, force=False)


def test_an_empty_text_takes_the_file_and_its_empty_folder_away(tmp_path: Path) -> None:
    path = tmp_path / "a.service.d" / "installed.conf"
    sealed.lay({path: text("one")}, force=False)
    assert [done.change for done in sealed.lay({path: ""}, force=False)] == ["removed"]
    assert not path.parent.exists()
    assert [done.change for done in sealed.lay({path: ""}, force=False)] == ["absent"]


def test_a_folder_with_the_persons_own_dropin_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.service.d" / "installed.conf"
    sealed.lay({path: text("one")}, force=False)
    put(path.with_name("override.conf"))
    sealed.lay({path: ""}, force=False)
    assert list(path.parent.iterdir()) == [path.with_name("override.conf")]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    put(tmp_path / "file")
    with pytest.raises(AccessDenied, match=r"cannot (read|write)"):
        sealed.lay({tmp_path / "file" / "unit": text("one")}, force=False)

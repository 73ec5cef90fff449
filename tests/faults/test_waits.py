"""The real settle times keep what they promise; these tests were begun with the first fault."""

from __future__ import annotations

import pytest

from kitchenwall.domain.journal import DraftState
from tests.faults.conftest import Waits
from tests.faults.tally import Tally

pytestmark = [pytest.mark.server, pytest.mark.timeout(150)]


def test_what_was_never_stored_is_laid_after_the_real_settle_times(
    waits: Waits, tally: Tally
) -> None:
    waited = waits["never stored"].result()
    assert tally.add("real settle times", waited.seen, waited.wrong) == []
    assert 60 <= waited.seconds < 75
    assert "laid" in waited.seen.rows[0].because


def test_what_the_server_stores_late_is_found_after_the_real_settle_times(
    waits: Waits, tally: Tally
) -> None:
    waited = waits["stored late"].result()
    assert tally.add("real settle times", waited.seen, waited.wrong) == []
    assert 60 <= waited.seconds < 75
    assert "found" in waited.seen.rows[0].because


def test_sigterm_during_an_unanswered_append_ends_in_time_and_leaves_the_intent(
    waits: Waits, tally: Tally
) -> None:
    waited = waits["SIGTERM, never answered"].result()
    assert waited.status == 0, waited.said
    assert waited.seconds < 15
    assert waited.midway == [DraftState.INTENT]
    assert tally.add("SIGTERM in an APPEND", waited.seen, waited.wrong) == []


def test_sigterm_during_an_append_that_is_answered_in_time_lets_it_finish(
    waits: Waits, tally: Tally
) -> None:
    waited = waits["SIGTERM, answered later"].result()
    assert waited.status == 0, waited.said
    assert waited.seconds < 15
    assert waited.midway == [DraftState.CREATED]
    assert tally.add("SIGTERM in an APPEND", waited.seen, waited.wrong) == []

"""The daemon, stopped behind any call and cut off at the worst moment, does what one pass does."""

from __future__ import annotations

import threading
from collections import Counter
from itertools import count
from pathlib import Path

import pytest

from tests.faults import real
from tests.faults.audit import passed_by, see, violations
from tests.faults.house import House
from tests.faults.outside import Outside, behind
from tests.faults.program import BlindMailbox, Parts
from tests.faults.tally import Tally
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Fault, Place, Proxy

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]


def test_a_daemon_stopped_behind_every_call_neither_doubles_nor_loses(
    server: Dovecot, tmp_path: Path, tally: Tally
) -> None:
    troubles: list[str] = []
    for number in count(1):
        house = House(server, tmp_path, Parts(mailbox=BlindMailbox))
        house.watched("hello", "no")
        outside = Outside(behind(number))
        house.program.attend(outside)
        house.quiet()
        wrong = passed_by(house)
        house.recover()
        seen = see(house)
        wrong += violations(house, seen)
        if len(outside.calls) < number:
            break
        call = outside.last
        wrong = tally.add(f"stops behind a {call.kind}", seen, wrong)
        troubles += [f"{number} ({call}): {one}" for one in wrong]
    assert troubles == []
    assert "notification" in {call.kind for call in outside.calls}


@pytest.mark.parametrize("place", [Place.COMMAND, Place.END, Place.ANSWER])
def test_a_connection_that_ends_in_a_look_back_costs_the_history_and_not_the_mail(
    place: Place, server: Dovecot, tmp_path: Path, tally: Tally
) -> None:
    parts = Parts(road=real.real_road(House(server, tmp_path)))
    house = House(server, tmp_path, parts, real.conversation)
    house.watched("hello", "no")
    with Proxy(server.port, Fault(place=place, command="UID SEARCH")) as proxy:
        house.program.port = proxy.port
        with house.program.life(Outside()) as life:
            thread = threading.Thread(target=life.watcher.run)
            thread.start()
            proxy.wait_until(lambda: "APPEND" in proxy.names(), 20)
            life.watcher.stop()
            thread.join(20)
        searched = [c.text for c in proxy.commands if b"FROM" in c.text and c.name == "UID SEARCH"]
    house.quiet()
    house.program.port = server.port
    house.recover()
    seen = see(house)
    assert tally.add("cuts of a look back", seen, violations(house, seen)) == []
    assert len(searched) <= 1
    with house.look() as journal:
        assert [event.stage for event in journal.events()] == ["unknown"]


def test_while_a_draft_is_uncertain_the_daemon_waits_for_its_time(
    server: Dovecot, tmp_path: Path, tally: Tally
) -> None:
    house = House(server, tmp_path, Parts(settle=(0.3, 0.9)))
    house.watched("no")
    fault = Fault(place=Place.LITERAL, command="APPEND", offset=10)
    with Proxy(server.port, fault) as proxy:
        house.program.port = proxy.port
        with house.program.life(Outside()) as life:
            thread = threading.Thread(target=life.watcher.run)
            thread.start()
            proxy.wait_until(lambda: proxy.names().count("APPEND") == 2, 20)
            life.watcher.stop()
            thread.join(20)
        said = Counter(proxy.names())
    house.quiet()
    seen = see(house)
    assert tally.add("cuts of an APPEND", seen, violations(house, seen)) == []
    assert said["IDLE"] < 10

"""The fake keeps the same contract as the real thing."""

from dataclasses import dataclass

import pytest

from tests.contracts.mailbox_contract import MailboxContract
from tests.fakes.mailbox import FakeMailbox, FakeServer


@dataclass
class FakePlace:
    server: FakeServer
    box: FakeMailbox

    def deliver(self, raw: bytes, folder: str = "INBOX") -> int:
        return self.server.deliver(raw, folder)


class TestFakeMailbox(MailboxContract):
    @pytest.fixture
    def place(self) -> FakePlace:
        server = FakeServer()
        return FakePlace(server, FakeMailbox(server))

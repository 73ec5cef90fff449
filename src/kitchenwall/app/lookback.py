"""Look for earlier mails in the account's own folders, and leave a server in peace that is slow."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kitchenwall.domain.around import SECONDS, Around
from kitchenwall.domain.message import Arrival, Message
from kitchenwall.errors import LookLost, Unavailable, UnreadableMessage
from kitchenwall.ports import Clock, Earlier, Mailbox, Read

log = logging.getLogger(__name__)

_PEACE_SECONDS = 3600.0


@dataclass(slots=True, kw_only=True)
class Lookback:
    """Looks back for one account, over whatever connection there is: it outlives them.

    A look that took too long, or ended the connection, is not repeated for an hour. The mail that
    it was for comes again and is then taken as it is.
    """

    read: Read
    clock: Clock
    folders: tuple[str, ...]
    _not_before: float = -math.inf

    def over(self, box: Mailbox) -> Earlier:
        """What looks back over this connection. It raises `LookLost`."""
        return lambda around: self._look(box, around)

    def _look(self, box: Mailbox, around: Around) -> tuple[Message, ...]:
        begun = self.clock.monotonic()
        if begun < self._not_before:
            return ()
        before, self._not_before = self._not_before, begun + _PEACE_SECONDS
        try:
            found = box.earlier(self._places(box), around, self._sent(box, around))
        except Unavailable as error:
            raise LookLost(str(error), error.retry_after) from error
        if self.clock.monotonic() - begun < SECONDS:
            self._not_before = before
        else:
            log.warning("looking for earlier mails took too long; not again for an hour")
        return tuple(self._messages(found))

    def _places(self, box: Mailbox) -> tuple[str, ...]:
        """The watched folders, and the one for what is done with."""
        archive = box.folder_for("archive")
        return tuple(dict.fromkeys((*self.folders, *([archive] if archive else []))))

    def _sent(self, box: Mailbox, around: Around) -> tuple[str, ...]:
        sent = box.folder_for("sent") if around.both_ways else None
        return (sent,) if sent else ()

    def _messages(self, found: Iterable[Arrival]) -> Iterator[Message]:
        for arrival in found:
            try:
                yield self.read(arrival)
            except UnreadableMessage as error:
                log.debug(
                    "uid %s in %s tells nothing: %s", arrival.cursor.uid, arrival.folder, error
                )

"""All inboxes of a home, looked into at once: what lies there, and which of them are out of reach tonight."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.errors import InboxFault
from warehouse.inbox import InboxFile, scan
from warehouse.inbox_address import RemoteAddress
from warehouse.remote_inbox import RemoteInbox
from warehouse.settings import Settings

Inbox = Path | RemoteAddress


@dataclass
class Sight:
    """What was seen of the inboxes.

    Attributes:
        files: all visible names.
        faults: what could not be looked into.
        is_blind: whether that holds for every inbox.
    """

    files: list[InboxFile] = field(default_factory=list)
    faults: list[InboxFault] = field(default_factory=list)
    is_blind: bool = True


@contextmanager
def look_into(inboxes: Sequence[Inbox], source_ids: Collection[str], settings: Settings) -> Iterator[Sight]:
    """Look into every inbox; files on other machines can be fetched while the block runs.

    Args:
        inboxes: folders and addresses of other machines.
        source_ids: the sources that have a YAML.
        settings: attempts and waits for other machines.
    """
    sight = Sight()
    with ExitStack() as connections:
        for inbox in inboxes:
            try:
                files, faults = _look_into(inbox, source_ids, settings, connections)
            except InboxFault as fault:
                sight.faults.append(fault)
                continue
            sight.files += files
            sight.faults += faults
            sight.is_blind = False
        yield sight


def _look_into(
    inbox: Inbox, source_ids: Collection[str], settings: Settings, connections: ExitStack
) -> tuple[list[InboxFile], list[InboxFault]]:
    if isinstance(inbox, RemoteAddress):
        remote = RemoteInbox(inbox, settings)
        connections.callback(remote.close)
        return remote.scan(source_ids)
    if not inbox.is_dir():  # a mistyped name, or a disk that is not mounted, must not look like a quiet night
        raise InboxFault(str(inbox), "Không có thư mục này.", "There is no such folder.", is_whole=True)
    return scan(inbox), []

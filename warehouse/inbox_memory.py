"""What the ledger knows about files of the inboxes seen before."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from warehouse.inbox import InboxFile
from warehouse.ledger import Ledger, entries


@dataclass(frozen=True)
class Receipt:
    """A `received` entry: when bytes were last taken, under which name, and which file of an inbox they were."""

    entry_no: int
    file_name: str
    inbox_body: str


@dataclass
class Memory:
    """What the ledger knows about files seen before.

    Attributes:
        received: the newest receipt of each source's bytes, by `<source_id>/<sha256>`.
        taken: of every file ever taken, by `body`, the bytes it had.
        handled: `identity` of every file that was found to be a copy.
        looks: `look` of every file that was reported and left where it is.
        load_ids: ids of the loads of copies and of what was left.
    """

    received: dict[str, Receipt]
    taken: dict[str, str]
    handled: set[str]
    looks: set[str]
    load_ids: set[str]

    def new_of(self, files: Iterable[InboxFile], lost: Collection[str]) -> list[InboxFile]:
        """Leaves out the files on other machines that were taken before or found to be copies.

        Args:
            files: any files; those of this machine all pass, as they leave the inbox when they are taken.
            lost: bytes that are wanted again: a file that had them is new.
        """
        return [
            file
            for file in files
            if not file.origin or (file.identity not in self.handled and self.taken.get(file.body) in {None, *lost})
        ]

    def next_id(self, *parts: str) -> str:
        """An id that depends on what was seen and how often, never on a clock: two homes agree on it."""
        count = 1
        while True:
            load_id = hashlib.sha256("\0".join([*parts, str(count)]).encode()).hexdigest()[:16]
            if load_id not in self.load_ids:
                self.load_ids.add(load_id)
                return load_id
            count += 1


def remember(ledger: Ledger) -> Memory:
    """Reads what the ledger knows."""
    left = [entry.payload for entry in entries(ledger, "load", containing='"inbox_look":"')]
    copies = [entry.payload for entry in entries(ledger, "load", containing='"inbox_identity":"')]
    receipts = entries(ledger, "received")
    return Memory(
        received={
            entry.subject_id: Receipt(entry.entry_no, entry.payload["file_name"], entry.payload["inbox_body"])
            for entry in receipts
        },
        taken={entry.payload["inbox_body"]: entry.subject_id for entry in receipts},
        handled={payload["inbox_identity"] for payload in copies},
        looks={payload["inbox_look"] for payload in left},
        load_ids={payload["load_id"] for payload in [*left, *copies]},
    )

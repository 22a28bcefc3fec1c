"""Somebody who puts files on a server, and what the store makes of them."""

import os
import shutil
from pathlib import Path

from tests.warehouse.store import at_night
from warehouse import s3_server, sftp_server
from warehouse.inbox_address import inbox_address
from warehouse.inboxes import look_into
from warehouse.landing import receive, waiting
from warehouse.settings import Settings

SETTINGS = Settings(settle_seconds=0, remote_attempts=3, remote_first_wait_seconds=0)
SOURCES = ["viettel", "vnpt"]
SERVER_MODULES = {"sftp": sftp_server, "s3": s3_server}


class Publisher:
    """Somebody who puts files on a server, and the address we know it by."""

    def __init__(self, kind, server, folder):
        self.kind, self.server, self.folder = kind, server, folder
        if kind == "sftp":
            folder.mkdir()
            self.address = inbox_address(server.url(folder), Path())
        else:
            self.bucket = server.bucket(f"inbox-{os.urandom(6).hex()}")
            self.address = inbox_address(f"s3://{self.bucket}/tới đây", Path())

    def put(self, place, content, mtime=1_700_000_000):
        if self.kind == "s3":
            self.server.client.put_object(Bucket=self.bucket, Key=f"tới đây/{place}", Body=content)
            return
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (mtime, mtime))

    def send(self, folder):
        if self.kind == "sftp":
            shutil.copytree(folder, self.folder, dirs_exist_ok=True)
        else:
            self.server.upload(folder, self.bucket, "tới đây")

    def fetched(self):
        """How many files the server has given out so far."""
        if self.kind == "sftp":
            return len(self.server.opened())
        return sum(method == "GET" and path.startswith(f"/{self.bucket}/") for method, path in self.server.requests)

    def lies_there(self):
        if self.kind == "sftp":
            return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if not path.is_dir())
        listed = self.server.client.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return sorted(item["Key"].removeprefix("tới đây/") for item in listed)


def take(store, *addresses, night=0, settings=SETTINGS, sources=SOURCES):
    return receive(store.paths, store.ledger, settings, sources, at_night(night), addresses)


def names(report):
    return [file.file_name for file in report.received]


def new_names(store, publisher, night=0):
    with look_into([publisher.address], SOURCES, SETTINGS) as sight:
        files = waiting(sight.files, store.paths, store.ledger, SETTINGS, SOURCES, at_night(night))
    return [file.label for file in files]


def landed(store):
    return {path.relative_to(store.paths.landing): path.read_bytes() for path in store.paths.landing.glob("*/*")}


def why(report):
    (fault,) = report.faults
    return fault.en

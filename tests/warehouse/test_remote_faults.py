"""Servers that refuse, lie, break off or are not there: told, waited out or given up, and the others go on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT_DIR
from tests.servers import proxy
from tests.warehouse.publisher import SERVER_MODULES, SETTINGS, SOURCES, names, take, why
from tests.warehouse.store import new_store
from warehouse import landing
from warehouse.inbox_address import inbox_address
from warehouse.inboxes import look_into
from warehouse.ledger import entries

pytestmark = pytest.mark.xdist_group("servers")


@pytest.fixture
def store(tmp_path):
    return new_store(tmp_path / "home")


def test_a_folder_with_names_that_are_not_text_is_told_every_night_and_stops_no_other(store, sftp):
    sftp.put("viettel/a.csv", b"1")
    sftp.put("vnpt/b.csv", b"2")
    os.rename(sftp.folder / "vnpt" / "b.csv", os.fsencode(sftp.folder / "vnpt") + b"/b\xff.csv")
    for night, expected in enumerate((["a.csv"], [])):
        report = take(store, sftp.address, night=night)
        assert names(report) == expected
        assert why(report) == "A name in it is not UTF-8; rename it on the server."
        assert report.faults[0].place.endswith("/remote/vnpt")


def test_a_file_that_may_not_be_read_is_told_every_night_and_stops_no_other(store, publisher, monkeypatch):
    publisher.put("viettel/a.csv", b"1")
    publisher.put("viettel/b.csv", b"2", mtime=1_700_000_001)
    module = SERVER_MODULES[publisher.kind]
    open_file = module.open_file

    def open_all_but_a(files, path, size):
        if path.endswith("a.csv"):
            raise PermissionError(13, "Permission denied")
        return open_file(files, path, size)

    monkeypatch.setattr(module, "open_file", open_all_but_a)
    for night, expected in enumerate((["b.csv"], [])):
        report = take(store, publisher.address, night=night)
        assert names(report) == expected
        assert (report.faults[0].place, why(report)) == (
            f"{publisher.address}/viettel/a.csv",
            "The server gives no permission to read it.",
        )
    assert list(store.paths.landing.rglob(".*")) == []


def test_a_server_that_is_not_in_known_hosts_is_refused_with_what_to_do(store, sftp, tmp_path, monkeypatch):
    (tmp_path / "nobody").write_text("")
    monkeypatch.setenv("SOTINH_SFTP_KNOWN_HOSTS", str(tmp_path / "nobody"))
    sftp.put("viettel/a.csv", b"1")
    report = take(store, sftp.address)
    assert report.received == []
    assert f"run: ssh-keyscan -p {sftp.server.port} 127.0.0.1 >> ~/.ssh/known_hosts" in why(report)
    assert (tmp_path / "nobody").read_text() == ""  # and is not trusted from now on


def test_a_server_with_another_key_than_in_known_hosts_is_refused(store, sftp, tmp_path, monkeypatch):
    kind, key, *_ = (sftp.server.folder / "user_key.pub").read_text().split()
    (tmp_path / "known").write_text(f"[127.0.0.1]:{sftp.server.port} {kind} {key}\n")
    monkeypatch.setenv("SOTINH_SFTP_KNOWN_HOSTS", str(tmp_path / "known"))
    assert "differs from known_hosts" in why(take(store, sftp.address))


def test_a_wrong_password_is_not_tried_again_and_is_told_nowhere(store, sftp, monkeypatch, caplog):
    monkeypatch.delenv("SOTINH_SFTP_KEY_FILE")
    monkeypatch.setenv("SOTINH_SFTP_PASSWORD", "hunter2-secret")
    before = sftp.server.log().count("Failed password")
    report = take(store, sftp.address)
    assert sftp.server.log().count("Failed password") == before + 1
    assert "The server refuses the login" in why(report)
    assert "hunter2" not in caplog.text + report.faults[0].vi + why(report)


def test_a_fault_that_passes_is_waited_out(store, sftp):
    sftp.put("viettel/a.csv", b"1")
    with proxy(sftp.server.port, refuse_first=2) as (port, seen):
        address = inbox_address(sftp.server.url(sftp.folder, port), Path())
        sftp.server.is_also_at(port)
        report = take(store, address)
    assert (names(report), report.faults, len(seen)) == (["a.csv"], [], 3)


def test_throttling_and_faults_of_an_s3_server_are_waited_out(store, s3):
    s3.put("viettel/a.csv", b"1")
    s3.server.answer_first += ["503 Slow Down SlowDown", "500 Internal Server Error InternalError"]
    report = take(store, s3.address)
    assert (names(report), report.faults) == (["a.csv"], [])


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("403 Forbidden AccessDenied", "The server gives no permission to read it."),
        ("404 Not Found NoSuchBucket", "There is no such folder or bucket on the server."),
    ],
)
def test_an_s3_server_that_refuses_is_asked_once(store, s3, answer, told):
    s3.server.answer_first.append(answer)
    before = len(s3.server.requests)
    assert why(take(store, s3.address)) == told
    assert len(s3.server.requests) == before + 1


def test_an_inbox_out_of_reach_is_asked_so_many_times_and_does_not_stop_the_others(store, sftp, tmp_path):
    (tmp_path / "folder" / "viettel").mkdir(parents=True)
    (tmp_path / "folder" / "viettel" / "a.csv").write_bytes(b"1")
    missing = tmp_path / "not mounted"
    with proxy(sftp.server.port, refuse_first=99) as (port, seen):
        dead = inbox_address(sftp.server.url(sftp.folder, port), Path())
        report = take(store, dead, missing, tmp_path / "folder")
    assert names(report) == ["a.csv"]
    assert len(seen) == SETTINGS.remote_attempts
    assert [fault.place for fault in report.faults] == [str(dead), str(missing)]


def test_a_server_that_goes_away_between_two_files_is_given_up_for_the_night(store, s3):
    for name in ("a", "b", "c"):
        s3.put(f"viettel/{name}.csv", name.encode())
    s3.server.requests.clear()
    with look_into([s3.address], SOURCES, SETTINGS):
        listing = len(s3.server.requests)
    answers = s3.server.answer_first
    served = []
    append = landing.append

    def append_and_break(*arguments):
        served.append(arguments)
        answers.extend(["503 Slow Down SlowDown"] * 20)
        return append(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(landing, "append", append_and_break)
        report = take(store, s3.address)
    assert (len(report.received), len(report.faults), listing) == (1, 1, 2)
    assert len(answers) == 20 - SETTINGS.remote_attempts
    answers.clear()
    assert len(take(store, s3.address, night=1).received) == 2


KILLED_WHILE_FETCHING = """
import os, signal, sys
from pathlib import Path
from tests.warehouse.publisher import take
from tests.warehouse.store import new_store
from warehouse import remote_inbox
from warehouse.inbox_address import inbox_address

class Killing:
    def __init__(self, digest): self.digest, self.pieces = digest, 0
    def update(self, piece):
        self.pieces += 1
        if self.pieces == 3: os.kill(os.getpid(), signal.SIGKILL)

sha256 = remote_inbox.hashlib.sha256
remote_inbox.hashlib = type("hashlib", (), {"sha256": lambda: Killing(sha256())})
take(new_store(Path(sys.argv[1])), inbox_address(sys.argv[2], Path()))
"""


def test_a_night_killed_while_it_fetches_leaves_nothing_that_the_next_one_does_not_sweep(store, publisher):
    publisher.put("viettel/a.csv", os.urandom(5 << 20))
    url = publisher.server.url(publisher.folder) if publisher.kind == "sftp" else str(publisher.address)
    command = [sys.executable, "-c", KILLED_WHILE_FETCHING, str(store.paths.home), url]
    assert subprocess.run(command, cwd=PROJECT_DIR).returncode == -signal.SIGKILL
    (left,) = store.paths.landing.glob("*/.*")
    assert 0 < left.stat().st_size < 5 << 20
    assert entries(store.ledger) == []
    assert names(take(store, publisher.address)) == ["a.csv"]
    (whole,) = (path for path in store.paths.landing.rglob("*") if path.is_file())
    assert whole.stat().st_size == 5 << 20

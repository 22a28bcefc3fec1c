"""From the inbox into landing: nothing lost, nothing twice, nothing odd taken."""

import hashlib
import os
import stat
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest

from tests.warehouse.store import SETTINGS, at_night, new_store, put, receive
from warehouse import inbox, landing, loads
from warehouse.errors import StoreError
from warehouse.inboxes import Sight
from warehouse.landing import is_intact, landed_path, waiting
from warehouse.landing import receive as receive_from
from warehouse.ledger import append, entries, last_entry_no
from warehouse.load_records import (
    LANDED_BYTES_CHANGED,
    Load,
    landed_files,
    last_loads,
    load_payload,
    load_records,
    load_subject,
    open_refusals,
    received_files,
    unfinished,
)
from warehouse.settings import Settings

SOURCES = ["viettel", "vnpt"]


@pytest.fixture
def store(tmp_path):
    return new_store(tmp_path / "home")


def sha(content):
    return hashlib.sha256(content).hexdigest()


def loads_of(store):
    return [record.payload for record in load_records(store.ledger)]


def read_it(store, received, reason_code=None, night=0):
    """What the night does after receiving: here every file fails, for the reason given."""
    load = Load(
        f"load-{night}", received.source_id, "subscribers", received.file_name, received.sha256, 5, at_night(night)
    )
    loads.fail(store.paths, store.ledger, load, reason_code or "header_not_found", "Hỏng.", "Broken.", at_night(night))


def lose(path):
    path.unlink()


def rot(path):
    path.chmod(0o600)
    path.write_bytes(b"rotten")


def waiting_names(store, night=0, settings=SETTINGS):
    files = inbox.scan(store.paths.inbox)
    return [file.label for file in waiting(files, store.paths, store.ledger, settings, SOURCES, at_night(night))]


def test_a_settled_file_moves_into_landing_untouched_and_is_written_down(store):
    name = unicodedata.normalize("NFD", "tháng 9.xlsx")
    put(store, f"viettel/{name}", b"bytes")
    report = receive(store)
    landed = landed_path(store.paths, "viettel", sha(b"bytes"))
    assert landed.read_bytes() == b"bytes"
    assert stat.S_IMODE(landed.stat().st_mode) == 0o400
    assert stat.S_IMODE(landed.parent.stat().st_mode) == 0o700
    assert list((store.paths.inbox / "viettel").iterdir()) == []
    (received,) = report.received
    assert (received.source_id, received.file_name, received.bytes) == ("viettel", "tháng 9.xlsx", 5)
    assert received_files(store.ledger) == [received]
    assert unfinished(store.ledger) == [received]
    assert receive(store).received == []


def test_young_hidden_and_partial_files_wait(store):
    now = at_night(0).timestamp()
    put(store, "viettel/young.csv", b"1", mtime=now - 30)
    put(store, "viettel/old.csv", b"2", mtime=now - 90)
    put(store, "viettel/.hidden", b"3")
    put(store, "viettel/x.xlsx.part", b"4")
    settings = Settings(settle_seconds=60)
    assert waiting_names(store, settings=settings) == ["viettel/old.csv"]
    report = receive_from(store.paths, store.ledger, settings, SOURCES, at_night(0))
    assert [file.file_name for file in report.received] == ["old.csv"]
    assert report.waiting == 1
    assert sorted(path.name for path in (store.paths.inbox / "viettel").iterdir()) == [
        ".hidden",
        "x.xlsx.part",
        "young.csv",
    ]


def test_a_file_dated_in_the_future_does_not_wait_for_ever(store):
    put(store, "viettel/a.csv", b"1", mtime=at_night(90_000).timestamp())
    changed = datetime.fromtimestamp((store.paths.inbox / "viettel" / "a.csv").stat().st_ctime, UTC)  # by the disk
    (file,) = inbox.scan(store.paths.inbox)
    ages = (59, 61)
    settled = [inbox.is_settled(file, Settings(settle_seconds=60), changed + timedelta(seconds=age)) for age in ages]
    assert settled == [False, True]


def test_the_same_bytes_again_are_a_duplicate_that_names_the_first_file(store):
    put(store, "viettel/a.xlsx", b"bytes")
    receive(store)
    for night in (1, 2):
        put(store, "viettel/a.xlsx", b"bytes")  # even with the same name and time
        report = receive(store, night)
        assert len(report.duplicates) == 1
    first, second = loads_of(store)
    assert first["verdict"] == second["verdict"] == "duplicate"
    assert first["load_id"] != second["load_id"]
    assert "«a.xlsx»" in first["reason_vi"] and "«a.xlsx»" in first["reason_en"]
    assert (first["rows_read"], first["file_sha256"]) == (0, sha(b"bytes"))
    assert list((store.paths.inbox / "viettel").iterdir()) == []
    assert len(unfinished(store.ledger)) == 1  # the first file still has to be read


@pytest.mark.parametrize(
    ("verdict", "english", "vietnamese"),
    [
        (None, "that one is still to be read", "còn chờ đọc"),
        ("accepted", "it was accepted and is not loaded again.", "đã được chấp nhận, không nạp lại."),
        (
            "quarantined",
            "that one is in quarantine: Bad. Sending it unchanged",
            "tệp đó đang bị cách ly: Hỏng. Gửi lại",
        ),
        ("failed", "that one failed: Bad. Sending it", "tệp đó không nạp được: Hỏng. Gửi lại"),
    ],
)
def test_a_duplicate_says_what_became_of_the_first_file_and_what_to_do(store, verdict, english, vietnamese):
    put(store, "viettel/a.xlsx", b"bytes")
    (first,) = receive(store).received
    if verdict:
        load = Load("l1", "viettel", "subscribers", "a.xlsx", first.sha256, 5, at_night(0))
        append(store.ledger, "load", load_subject(load), load_payload(load, verdict, "Hỏng.", "Bad."), at_night(0))
    put(store, "viettel/b.xlsx", b"bytes")
    (told,) = receive(store, 1).duplicates
    assert told.reason_en.startswith(
        f"Same bytes as the file received before, «a.xlsx» (sha256 {first.sha256[:12]}…); "
    )
    assert english in told.reason_en and vietnamese in told.reason_vi
    is_refused = verdict in ("quarantined", "failed")
    assert is_refused == told.reason_en.endswith("or correct sources/viettel.yml, and it is read again.")
    assert is_refused == ("hãy sửa tệp rồi gửi, hoặc sửa sources/viettel.yml" in told.reason_vi)


def test_the_same_bytes_from_another_source_are_that_sources_own_file(store):
    put(store, "viettel/a.xlsx", b"bytes")
    put(store, "vnpt/a.xlsx", b"bytes")
    assert len(receive(store).received) == 2


def test_what_a_duplicate_is_called_does_not_depend_on_the_clock(tmp_path):
    ids = []
    for number, night in enumerate((0, 400)):
        store = new_store(tmp_path / str(number))
        put(store, "viettel/a.xlsx", b"bytes", mtime=1_600_000_000 + night)
        put(store, "viettel/b.xlsx", b"bytes", mtime=1_600_000_100 + night)
        put(store, "la/c.xlsx", b"?", mtime=1_600_000_000 + night)
        receive(store, night)
        ids.append(sorted((load["load_id"], load["reason_en"]) for load in loads_of(store)))
    assert ids[0] == ids[1]
    assert len(ids[0]) == 2


def test_files_without_a_source_are_reported_once_and_left_alone(store):
    put(store, "nha mang la/x.xlsx", b"?")
    put(store, "loose.csv", b"!")
    assert sorted(waiting_names(store)) == ["loose.csv", "nha mang la/x.xlsx"]
    report = receive(store)
    assert [file.file_name for file in report.unknown] == ["loose.csv", "nha mang la/x.xlsx"]
    assert {(load["source_id"], load["verdict"], load["file_sha256"]) for load in loads_of(store)} == {
        ("_unknown", "failed", sha(b"?")),
        ("_unknown", "failed", sha(b"!")),
    }
    assert "sources/nha mang la.yml" in report.unknown[1].reason_vi
    assert "inbox/<source_id>/" in report.unknown[0].reason_en
    assert receive(store, 1).unknown == []
    assert waiting_names(store) == []
    assert (store.paths.inbox / "nha mang la" / "x.xlsx").read_bytes() == b"?"
    put(store, "nha mang la/x.xlsx", b"changed", mtime=1_700_000_500)
    assert len(receive(store, 2).unknown) == 1


def test_a_folder_that_gets_its_source_later_is_received_then(store):
    put(store, "moi/x.xlsx", b"?")
    receive(store)
    report = receive_from(store.paths, store.ledger, SETTINGS, ["moi"], at_night(1))
    assert [file.source_id for file in report.received] == ["moi"]


def test_links_and_special_files_are_refused_once_and_never_followed(store):
    secret = put(store, "../secret", b"secret")
    folder = store.paths.inbox / "viettel"
    folder.mkdir()
    (folder / "link.csv").symlink_to(secret)
    os.mkfifo(folder / "pipe.csv")
    (store.paths.inbox / "vnpt").symlink_to(secret.parent)
    report = receive(store)
    assert {file.file_name: file.reason_en for file in report.refused} == {
        "link.csv": "«viettel/link.csv» in the inbox is a symbolic link and was not taken; put the file itself there.",
        "pipe.csv": "«viettel/pipe.csv» in the inbox is not a regular file and was not taken; put a plain file there.",
        "vnpt": "«vnpt» in the inbox is a symbolic link and was not taken; put the file itself there.",
    }
    assert {load["verdict"] for load in loads_of(store)} == {"failed"}
    assert receive(store, 1).refused == []
    assert waiting_names(store) == []
    assert list(store.paths.landing.iterdir()) == []


def test_folders_inside_a_folder_are_reported_once_and_left_alone(store):
    nested = put(store, "viettel/2022/nested.xlsx", b"1")
    put(store, "la/sub/deep/x.csv", b"2")
    put(store, "vnpt/still coming/.x.csv", b"3")
    (store.paths.inbox / "vnpt" / "empty").mkdir()
    at_rest = 1_700_000_000
    for name in ("viettel/2022", "la/sub"):
        os.utime(store.paths.inbox / name, (at_rest, at_rest))
    assert sorted(waiting_names(store)) == ["la/sub/", "viettel/2022/"]
    report = receive(store)
    assert report.received == []
    assert [(file.source_id, file.file_name) for file in report.refused] == [
        ("_unknown", "la/sub/"),
        ("viettel", "2022/"),
    ]
    assert report.refused[1].reason_en == (
        "«viettel/2022/» in the inbox is a folder inside a folder and was not taken; "
        "files must lie directly in inbox/<source_id>/: move them there."
    )
    assert {(load["verdict"], load["file_sha256"], load["file_bytes"]) for load in loads_of(store)} == {
        ("failed", None, 0)
    }
    assert (receive(store, 1).refused, waiting_names(store)) == ([], [])
    assert nested.read_bytes() == b"1"
    put(store, "viettel/2022/another.xlsx", b"4")
    assert len(receive(store, 2).refused) == 1


def test_a_file_taken_away_while_the_inbox_is_looked_at_is_not_there(store, monkeypatch):
    path = put(store, "viettel/a.csv", b"1")
    list_names = inbox._visible

    def list_and_lose(folder):
        names = list_names(folder)
        if folder == path.parent:
            path.unlink()
        return names

    monkeypatch.setattr(inbox, "_visible", list_and_lose)
    assert inbox.scan(store.paths.inbox) == []


def open_names(store):
    return [record.payload["file_name"] for record in open_refusals(store.ledger, Sight(inbox.scan(store.paths.inbox)))]


def test_what_was_left_in_the_inbox_is_an_open_refusal_while_it_lies_there(store):
    unknown, twin = put(store, "la/x.csv", b"?"), put(store, "la/y.csv", b"?", mtime=1_700_000_001)
    loose = put(store, "loose.csv", b"!", mtime=1_700_000_002)
    link = store.paths.inbox / "viettel" / "link.csv"
    link.parent.mkdir()
    link.symlink_to(unknown)
    receive(store)
    assert open_names(store) == ["la/x.csv", "la/y.csv", "loose.csv", "link.csv"]
    twin.unlink()
    loose.rename(store.paths.inbox / "viettel" / "loose.csv")
    link.unlink()
    assert open_names(store) == ["la/x.csv"]
    put(store, "la/x.csv", b"changed", mtime=1_700_000_500)
    assert open_names(store) == []  # another file: the night to come reports it
    receive(store, 1)
    assert open_names(store) == ["la/x.csv"]
    assert len(entries(store.ledger, "load")) == 5
    assert last_loads(store.ledger) == {}


def test_failed_and_quarantined_loads_of_landed_files_stay_open_refusals(store):
    put(store, "viettel/a.csv", b"bytes")
    (received,) = receive(store).received
    read_it(store, received)
    assert open_names(store) == ["a.csv"]


def test_a_hard_linked_file_is_copied_so_that_nobody_can_write_into_landing(store, tmp_path):
    os.link(put(store, "viettel/a.csv", b"before"), tmp_path / "other name")
    receive(store)
    (tmp_path / "other name").write_bytes(b"after!")
    assert landed_path(store.paths, "viettel", sha(b"before")).read_bytes() == b"before"
    assert not (store.paths.inbox / "viettel" / "a.csv").exists()


def test_landed_bytes_that_changed_or_are_gone_are_noticed(store):
    path = put(store, "viettel/a.csv", b"before")
    with open(path, "r+b") as still_open:
        receive(store)
        assert is_intact(store.paths, "viettel", sha(b"before"))
        still_open.write(b"after!")
    assert not is_intact(store.paths, "viettel", sha(b"before"))
    assert not is_intact(store.paths, "viettel", sha(b"never seen"))


@pytest.mark.parametrize("spoil", [lose, rot])
def test_bytes_lost_before_they_could_be_read_are_received_anew_when_sent_again(store, spoil):
    put(store, "viettel/a.csv", b"bytes")
    (first,) = receive(store).received
    landed = landed_path(store.paths, "viettel", first.sha256)
    spoil(landed)
    read_it(store, first, LANDED_BYTES_CHANGED)
    assert unfinished(store.ledger) == []
    put(store, "viettel/b.csv", b"bytes")
    report = receive(store, 1)
    assert (landed.read_bytes(), report.duplicates) == (b"bytes", [])
    assert [file.file_name for file in report.received] == ["b.csv"]
    assert unfinished(store.ledger) == report.received  # a night killed here goes on
    (file,) = landed_files(store.ledger, "viettel")
    assert (file.file_name, file.received_at) == ("b.csv", at_night(1))
    assert file.last_load["reason_code"] == LANDED_BYTES_CHANGED


@pytest.mark.parametrize("spoil", [lose, rot])
def test_bytes_lost_after_they_were_read_are_put_back_when_sent_again_and_not_read_twice(store, spoil):
    put(store, "viettel/a.csv", b"bytes")
    (first,) = receive(store).received
    read_it(store, first)
    landed = landed_path(store.paths, "viettel", first.sha256)
    spoil(landed)
    put(store, "viettel/a.csv", b"bytes")
    report = receive(store, 1)
    assert (len(report.duplicates), report.received) == (1, [])
    assert landed.read_bytes() == b"bytes"
    assert stat.S_IMODE(landed.stat().st_mode) == 0o400
    assert list((store.paths.inbox / "viettel").iterdir()) == []
    assert unfinished(store.ledger) == []


def test_a_file_taken_away_between_its_entry_and_its_move_is_received_when_it_comes_again(store, monkeypatch):
    path = put(store, "viettel/a.csv", b"bytes")

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(landing, "_move", killed)
        with pytest.raises(KeyboardInterrupt):
            receive(store)
    path.unlink()
    assert receive(store).received == []
    (lost,) = unfinished(store.ledger)
    read_it(store, lost, LANDED_BYTES_CHANGED)
    put(store, "viettel/a.csv", b"bytes", mtime=1_700_000_500)
    assert receive(store, 1).received == unfinished(store.ledger) != []
    assert is_intact(store.paths, "viettel", lost.sha256)


def test_a_name_that_is_not_text_is_made_printable(store):
    path = os.fsencode(put(store, "viettel/x", b"1").parent) + b"/b\xff\x07\xe2\x80\xaed.csv"
    os.rename(store.paths.inbox / "viettel" / "x", path)
    assert receive(store).received[0].file_name == "b���d.csv"
    assert entries(store.ledger)[0].payload["file_name"] == "b���d.csv"


def test_a_full_disk_is_one_clear_sentence_and_the_next_run_finishes(store, monkeypatch):
    put(store, "viettel/a.csv", b"1")

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="disk is full while receiving") as caught:
            receive(store)
        assert "Hết chỗ trên đĩa" in caught.value.vi
    receive(store)
    assert landed_path(store.paths, "viettel", sha(b"1")).exists()
    assert last_entry_no(store.ledger) == 1


def test_an_inbox_elsewhere_is_read_instead_of_the_homes(store, tmp_path):
    (tmp_path / "sftp" / "vnpt").mkdir(parents=True)
    (tmp_path / "sftp" / "vnpt" / "a.csv").write_bytes(b"1")
    report = receive_from(store.paths, store.ledger, SETTINGS, SOURCES, at_night(0), inboxes=[tmp_path / "sftp"])
    assert [file.source_id for file in report.received] == ["vnpt"]

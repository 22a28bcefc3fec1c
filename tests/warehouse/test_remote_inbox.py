"""Inboxes on servers: what lies there arrives as from a folder, stays where it is, and is remembered."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import paramiko
import pytest

from ingestion.sample import write_sample
from tests.conftest import PROJECT_DIR
from tests.warehouse.publisher import SERVER_MODULES, SETTINGS, SOURCES, landed, names, new_names, take
from tests.warehouse.store import at_night, new_store
from warehouse import loads
from warehouse.errors import StoreError
from warehouse.inbox_address import inbox_address
from warehouse.inboxes import look_into
from warehouse.landing import landed_path
from warehouse.ledger import entries
from warehouse.load_records import LANDED_BYTES_CHANGED, Load, open_refusals, received_files, unfinished
from warehouse.settings import Settings

pytestmark = pytest.mark.xdist_group("servers")


@pytest.fixture
def store(tmp_path):
    return new_store(tmp_path / "home")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder


def test_the_sample_arrives_from_a_server_as_from_a_folder(store, publisher, sample, tmp_path):
    other = new_store(tmp_path / "other home")
    shutil.copytree(sample, other.paths.inbox, dirs_exist_ok=True)
    sources = sorted(path.name for path in sample.iterdir())
    from_folder = take(other, other.paths.inbox, sources=sources)
    publisher.send(sample)
    before = publisher.lies_there()
    from_server = take(store, publisher.address, sources=sources)

    def facts(report):
        return sorted((file.source_id, file.file_name, file.sha256, file.bytes) for file in report.received)

    assert len(facts(from_folder)) > 10
    assert facts(from_server) == facts(from_folder)
    assert landed(store) == landed(other)
    assert {path.stat().st_mode & 0o777 for path in store.paths.landing.glob("*/*")} == {0o400}
    assert publisher.lies_there() == before  # nothing is moved or removed on the server


def test_a_file_seen_before_is_not_fetched_again_and_a_changed_one_is_a_new_file(store, publisher):
    publisher.put("viettel/tháng 9.csv", b"september")
    publisher.put("viettel/bản sao.csv", b"september", mtime=1_700_000_050)
    assert len(new_names(store, publisher)) == 2
    first = take(store, publisher.address)
    assert (len(first.received), len(first.duplicates)) == (1, 1)
    fetched = publisher.fetched()
    second = take(store, publisher.address, night=1)
    assert (second.received, second.duplicates, second.faults, new_names(store, publisher)) == ([], [], [], [])
    assert publisher.fetched() == fetched
    publisher.put("viettel/tháng 9.csv", b"september, corrected", mtime=1_700_000_100)
    assert new_names(store, publisher) == ["viettel/tháng 9.csv"]
    assert names(take(store, publisher.address, night=2)) == ["tháng 9.csv"]
    assert len(received_files(store.ledger)) == 2


@pytest.mark.parametrize("content", [b"still being written, now longer", b"short"])
def test_a_file_that_changes_while_it_is_fetched_waits_for_the_next_night(store, publisher, monkeypatch, content):
    publisher.put("viettel/a.csv", b"still being written")
    module = SERVER_MODULES[publisher.kind]
    open_file = module.open_file

    def open_while_the_publisher_writes(*arguments):
        publisher.put("viettel/a.csv", content, mtime=1_700_000_009)
        return open_file(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(module, "open_file", open_while_the_publisher_writes)
        report = take(store, publisher.address)
    assert (report.received, report.waiting, report.faults) == ([], 1, [])
    assert entries(store.ledger) == []
    take(store, publisher.address, night=1)
    assert list(landed(store).values()) == [content]


def test_young_hidden_and_partial_files_wait_and_a_date_days_ahead_does_not(store, sftp):
    now = at_night(0).timestamp()
    ages = {"young.csv": 30, "old.csv": 90, "the server's clock is ahead.csv": -120, "in 2080.csv": -1.7e9}
    for name, age in ages.items():
        sftp.put(f"viettel/{name}", name.encode(), mtime=now - age)
    sftp.put("viettel/.hidden", b"3")
    sftp.put("viettel/x.csv.part", b"4")
    report = take(store, sftp.address, settings=Settings(settle_seconds=60))
    assert names(report) == ["old.csv", "in 2080.csv"]
    assert report.waiting == 2


def test_folders_without_a_source_are_reported_once_and_not_looked_into(store, publisher):
    publisher.put("nha mang la/x.csv", b"?")
    publisher.put("loose.csv", b"!")
    publisher.put("viettel/2022/nested.csv", b"1")
    assert sorted(new_names(store, publisher)) == ["loose.csv", "nha mang la/", "viettel/2022/"]
    report = take(store, publisher.address)
    assert sorted(file.file_name for file in report.unknown) == ["loose.csv", "nha mang la/"]
    assert [file.file_name for file in report.refused] == ["2022/"]
    publisher.put("nha mang la/y.csv", b"another")
    publisher.put("viettel/2022/more.csv", b"?")
    assert new_names(store, publisher) == []
    again = take(store, publisher.address, night=1)
    assert (again.unknown, again.refused, publisher.fetched()) == ([], [], publisher.fetched())
    assert names(take(store, publisher.address, night=2, sources=["nha mang la"])) == ["x.csv", "y.csv"]


def test_links_pipes_and_files_too_large_on_a_server_are_refused_once(store, sftp):
    sftp.put("viettel/good.csv", b"1")
    (sftp.folder / "viettel" / "link.csv").symlink_to("/etc/hostname")
    os.mkfifo(sftp.folder / "viettel" / "pipe.csv")
    with open(sftp.folder / "viettel" / "large.csv", "wb") as file:
        file.truncate(1_000_001)
    report = take(store, sftp.address, settings=Settings(settle_seconds=0, remote_file_limit_mb=1))
    assert names(report) == ["good.csv"]
    assert sorted(file.file_name for file in report.refused) == ["large.csv", "link.csv", "pipe.csv"]
    assert "larger than remote_file_limit_mb" in next(f.reason_en for f in report.refused if f.file_name == "large.csv")
    assert take(store, sftp.address, night=1, settings=Settings(settle_seconds=0, remote_file_limit_mb=1)).refused == []


def test_names_of_a_server_never_become_paths_of_this_machine(store, sftp, monkeypatch):
    sftp.put("viettel/a.csv", b"bytes")
    tricks = ["../../../evil.csv", "/etc/evil.csv", "b\x1b[31m\u202e.csv"]
    list_iter = paramiko.SFTPClient.listdir_iter

    def hostile_listing(self, path):  # a name as only a hostile server would send it
        for attributes in list(list_iter(self, path)):
            for name in [attributes.filename, *(tricks if attributes.filename == "a.csv" else [])]:
                attributes.filename = name
                yield attributes

    monkeypatch.setattr(paramiko.SFTPClient, "listdir_iter", hostile_listing)
    report = take(store, sftp.address)
    assert names(report) == ["a.csv"]
    assert [file.file_name for file in report.refused] == ["/etc/evil.csv"]  # one that begins with a dot is hidden
    assert list(store.paths.landing.rglob("*/*")) == [landed_path(store.paths, "viettel", report.received[0].sha256)]
    sftp.put("vnpt/b\x1b[31m\u202e.csv", b"coloured")
    assert names(take(store, sftp.address, night=1)) == ["b�[31m�.csv"]


def test_a_file_reported_on_a_server_is_an_open_refusal_while_it_lies_there_or_cannot_be_seen(store, sftp):
    sftp.put("loose.csv", b"!")
    take(store, sftp.address)

    def open_names():
        with look_into([sftp.address], SOURCES, SETTINGS) as sight:
            return [record.payload["file_name"] for record in open_refusals(store.ledger, sight)]

    assert open_names() == ["loose.csv"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOTINH_SFTP_KNOWN_HOSTS", "/dev/null")
        assert open_names() == ["loose.csv"]
    (sftp.folder / "loose.csv").unlink()
    assert open_names() == []


def test_bytes_that_were_lost_before_they_could_be_read_are_fetched_again(store, publisher):
    publisher.put("viettel/a.csv", b"bytes")
    (first,) = take(store, publisher.address).received
    landed_path(store.paths, "viettel", first.sha256).unlink()
    load = Load("l1", "viettel", "subscribers", "a.csv", first.sha256, 5, at_night(0))
    loads.fail(store.paths, store.ledger, load, LANDED_BYTES_CHANGED, "Mất.", "Lost.", at_night(0))
    assert new_names(store, publisher) == ["viettel/a.csv"]
    report = take(store, publisher.address, night=1)
    assert (names(report), unfinished(store.ledger)) == (["a.csv"], report.received)
    assert list(landed(store).values()) == [b"bytes"]


def test_bytes_lost_after_they_were_read_are_left_alone(store, publisher):
    publisher.put("viettel/a.csv", b"bytes")
    (first,) = take(store, publisher.address).received
    landed_path(store.paths, "viettel", first.sha256).unlink()  # as after a purge
    load = Load("l1", "viettel", "subscribers", "a.csv", first.sha256, 5, at_night(0))
    loads.fail(store.paths, store.ledger, load, "header_not_found", "Hỏng.", "Broken.", at_night(0))
    assert (new_names(store, publisher), names(take(store, publisher.address, night=1))) == ([], [])


@pytest.mark.parametrize(
    "text",
    [
        "sftp://user:hunter2@host/folder",
        "sftp://user:@host/folder",
        "s3://hunter2:hunter2@bucket/prefix",
        "s3://hunter2@bucket/prefix",
        "ftp://host/folder",
        "sftp:///folder",
        "sftp://host:hunter2/folder",
        "s3://bucket/prefix?secret=hunter2",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(text):
    with pytest.raises(StoreError) as caught:
        inbox_address(text, Path())
    assert "hunter2" not in caught.value.vi + caught.value.en


def test_the_address_in_ledger_and_reports_is_that_of_the_place_not_of_the_user():
    assert str(inbox_address("sftp://user%40cty@Host/ở đây/", Path())) == "sftp://host:22/ở đây"
    assert inbox_address("sftp://user%40cty@Host/in", Path()).user == "user@cty"
    assert str(inbox_address("sftp://[::1]:2222", Path())) == "sftp://[::1]:2222"
    assert str(inbox_address("s3://bucket/a/b/", Path())) == "s3://bucket/a/b"
    assert inbox_address("khác", Path("/srv/home")) == Path("/srv/home/khác")


def test_no_library_of_a_protocol_is_imported_where_no_inbox_speaks_it(tmp_path):
    script = (
        "import sys; from pathlib import Path; from tests.warehouse.store import new_store, receive\n"
        f"receive(new_store(Path({str(tmp_path)!r})))\n"
        "print([name for name in ('paramiko', 's3fs', 'fsspec', 'botocore', 'tenacity') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=PROJECT_DIR)
    assert ran.stdout.strip() == "[]", ran.stderr

"""Inboxes on servers: what lies there arrives as from a folder, stays where it is, and is remembered."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import paramiko
import pytest

from ingestion.sample import write_sample
from tests.conftest import PROJECT_DIR
from tests.servers import proxy
from tests.warehouse.store import at_night, new_store
from warehouse import landing, loads, s3_server, sftp_server
from warehouse.errors import StoreError
from warehouse.inbox_address import inbox_address
from warehouse.inboxes import look_into
from warehouse.landing import landed_path, receive, waiting
from warehouse.ledger import entries
from warehouse.load_records import LANDED_BYTES_CHANGED, Load, received_files, unfinished
from warehouse.settings import Settings

pytestmark = pytest.mark.xdist_group("servers")

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


@pytest.fixture(params=["sftp", "s3"])
def publisher(request, tmp_path, monkeypatch):
    server = request.getfixturevalue(f"{request.param}_server")
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    return Publisher(request.param, server, tmp_path / "remote")


@pytest.fixture
def sftp(sftp_server, tmp_path, monkeypatch):
    for name, value in sftp_server.variables.items():
        monkeypatch.setenv(name, value)
    return Publisher("sftp", sftp_server, tmp_path / "remote")


@pytest.fixture
def s3(s3_server, tmp_path, monkeypatch):
    for name, value in s3_server.variables.items():
        monkeypatch.setenv(name, value)
    return Publisher("s3", s3_server, tmp_path / "remote")


@pytest.fixture
def store(tmp_path):
    return new_store(tmp_path / "home")


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


def test_a_folder_with_names_that_are_not_text_is_told_every_night_and_stops_no_other(store, sftp):
    sftp.put("viettel/a.csv", b"1")
    sftp.put("vnpt/b.csv", b"2")
    os.rename(sftp.folder / "vnpt" / "b.csv", os.fsencode(sftp.folder / "vnpt") + b"/b\xff.csv")
    for night, expected in enumerate((["a.csv"], [])):
        report = take(store, sftp.address, night=night)
        assert names(report) == expected
        assert why(report) == "A name in it is not UTF-8; rename it on the server."
        assert report.faults[0].place.endswith("/remote/vnpt")


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


KILLED_WHILE_FETCHING = """
import os, signal, sys
from pathlib import Path
from tests.warehouse import test_remote_inbox as this
from warehouse import remote_inbox
from warehouse.inbox_address import inbox_address

class Killing:
    def __init__(self, digest): self.digest, self.pieces = digest, 0
    def update(self, piece):
        self.pieces += 1
        if self.pieces == 3: os.kill(os.getpid(), signal.SIGKILL)

sha256 = remote_inbox.hashlib.sha256
remote_inbox.hashlib = type("hashlib", (), {"sha256": lambda: Killing(sha256())})
this.take(this.new_store(Path(sys.argv[1])), inbox_address(sys.argv[2], Path()))
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

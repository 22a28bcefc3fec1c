"""Persons planted in logs are found in landing and nowhere else: after a night, after a kill, after a failure."""

import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion import log_sql
from ingestion import read_log as reading
from ingestion.generate import generate
from orchestration.audit_packing import make_pack
from orchestration.home import Home, open_home
from orchestration.loading import load_source
from orchestration.logs import start_log
from tests.ingestion.logs import HEADER
from tests.orchestration.person_files import good, line, write_logs, write_sources
from tests.orchestration.person_search import left_of_persons, person
from warehouse.landing import receive

pytestmark = pytest.mark.slow

PROJECT_DIR = Path(__file__).resolve().parents[2]
NOW = datetime(2022, 10, 5, 3, 0, tzinfo=UTC)
SETTINGS = "settle_seconds = 0\n"


def start(home: Path, temporary: Path) -> subprocess.Popen[str]:
    """The night, in a process of its own that has its own folder for temporary files."""
    clean = {name: text for name, text in os.environ.items() if name.split("_")[0] not in ("SOTINH", "DAGSTER", "DBT")}
    return subprocess.Popen(
        [sys.executable, "-m", "orchestration", "--home", str(home), "nightly", "--json"],
        **{"cwd": PROJECT_DIR, "env": {**clean, "TMPDIR": str(temporary)}, "text": True},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def kill_when(night: subprocess.Popen[str], is_time: Callable[[], bool]) -> str:
    """What the night had said when it was killed at that time."""
    while not is_time():
        assert night.poll() is None, night.communicate()[0][-3000:]
        time.sleep(0.02)
    night.send_signal(signal.SIGKILL)
    return night.communicate()[0]


def assert_nobody(home: Path, temporary: Path, said: str) -> None:
    (home / "said.txt").write_text(said, encoding="utf-8")
    assert left_of_persons(home, home / "landing", home / "inbox") == []
    assert left_of_persons(temporary) == []


@pytest.mark.timeout(600)
def test_a_night_that_is_killed_twice_and_then_ends_names_nobody(tmp_path: Path) -> None:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    temporary.mkdir()
    write_sources(home / "sources")
    (home / "sotinh.toml").write_text(SETTINGS, encoding="utf-8")
    files = write_logs(home / "inbox")
    files += len(generate(home / "inbox", 2_000, 1, 7, faults=True))
    # Read first, and long enough to be killed in the middle of it.
    long = (
        (HEADER + "\n" + "\n".join(good(900))) + "\n" + "\n".join(line(n, TrangThaiHoSo="?") for n in range(900)) * 20
    )
    (home / "inbox" / "cong_cp1258" / "0.csv").write_bytes(long.encode("cp1258", "replace"))
    staged = home / "staged"

    def is_reading() -> bool:
        return any(any(each.iterdir()) for each in staged.glob(".*"))

    def is_settling() -> bool:
        return any(not each.name.startswith(".") for each in staged.glob("*"))

    for is_time in (is_reading, is_settling):
        said = kill_when(start(home, temporary), is_time)
        assert any(staged.iterdir())
        assert_nobody(home, temporary, said)

    night = start(home, temporary)
    said = night.communicate()[0]
    assert night.returncode == 3, said[-3000:]
    loads = json.loads(said)["loads"]
    assert len(loads) == files + 1
    assert {load["verdict"] for load in loads} == {"accepted_with_warnings", "quarantined", "failed"}
    assert "reader itself" not in said
    for load in loads:
        rows = [load[f"rows_{name}"] for name in ("accepted", "rejected", "superseded")]
        assert load["rows_read"] == sum(rows)
    assert any(staged.iterdir())  # of the quarantined
    assert_nobody(home, temporary, said)
    packed = make_pack(open_home(home), "current", tmp_path / "pack.zip")
    with zipfile.ZipFile(packed.file) as pack:  # our own code holds the lists that invented names are drawn from
        told = [name for name in pack.namelist() if not name.startswith("code/") or "overlay" in name]
        pack.extractall(tmp_path / "pack", told)
    assert left_of_persons(tmp_path / "pack") == []
    landed = list((home / "landing").glob("*/*"))
    assert len(landed) == files + 1
    assert len({name for name, _ in left_of_persons(home / "landing")}) >= files  # all but the Parquet cut short


@pytest.fixture
def home(tmp_path: Path) -> Home:
    write_sources(tmp_path / "home" / "sources")
    (tmp_path / "home" / "sotinh.toml").write_text(SETTINGS, encoding="utf-8")
    return open_home(tmp_path / "home")


def send(home: Home, name: str, content: str) -> None:
    folder = home.paths.inbox / "cong_csv"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(content, encoding="utf-8")


def night(home: Home) -> list[dict]:
    receive(home.paths, home.ledger, home.settings, home.source_ids, NOW, home.inboxes)
    return [dict(load.payload) for load in load_source(home, home.sources["cong_csv"], NOW, "run-1")]


def test_a_reader_that_breaks_says_where_and_nothing_of_whom(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(table: pa.Table, _: object) -> None:
        rows = table.to_pylist()
        raise ValueError(f"cannot read {rows[0]}") from KeyError(person(1)["name"])

    monkeypatch.setattr(reading, "with_values", fail)
    logger = logging.getLogger("sotinh")
    monkeypatch.setattr(logger, "handlers", list(logger.handlers))
    log = Path(start_log(home.paths.logs, "nightly", NOW, home.settings).baseFilename)
    send(home, "a.csv", "\n".join([HEADER, *good(50)]))
    (load,) = night(home)
    assert (load["verdict"], load["reason_code"]) == ("failed", "reader_failed")
    assert "ValueError at read_log.py:" in load["reason_en"]
    assert "LogReadError" in log.read_text(encoding="utf-8")
    assert left_of_persons(home.paths.home, home.paths.landing) == []


def test_a_full_disk_stops_the_reading_and_leaves_nobody_behind(home: Home) -> None:
    lines = (line(number, ThoiDiem=f"04/06/2021 15:20:{number % 60:02}") for number in range(30_000))
    send(home, "a.csv", "\n".join([HEADER, *lines]))
    script = f"""
import resource
from tests.orchestration import test_no_person_leaves_landing as this
home = this.open_home({str(home.paths.home)!r})
this.receive(home.paths, home.ledger, home.settings, home.source_ids, this.NOW, home.inboxes)
home.dossier_key
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
this.night(home)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=PROJECT_DIR)
    assert "The disk is full while reading a log of cong_csv" in done.stderr
    assert list(home.paths.staged.iterdir()) == []
    (home.paths.home / "said.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    assert left_of_persons(home.paths.home, home.paths.landing) == []
    (load,) = night(home)
    assert (load["verdict"], load["rows_read"]) == ("accepted", 30_000)


def test_the_name_of_a_file_is_kept_as_the_publisher_gave_it(home: Home) -> None:
    """Auditors trace a figure by it; personal_fields.yml says what that means for publishers."""
    send(home, f"{person(1)['name']}.csv", "\n".join([HEADER, *good(50)]))
    (load,) = night(home)
    assert load["file_name"] == f"{person(1)['name']}.csv"
    left = left_of_persons(home.paths.home, home.paths.landing)
    assert {name for name, _ in left} <= {"ledger.db", "ledger.db-wal"}


def test_a_reader_that_masked_nothing_would_be_found_out(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_sql, "_shown", lambda name: name)
    send(home, "a.csv", "\n".join([HEADER, *good(50), line(1, TrangThaiHoSo=person(1)["name"])]))
    night(home)
    (left,) = {name.split("/")[0] for name, _ in left_of_persons(home.paths.home, home.paths.landing)}
    assert left == "lake"


def test_the_search_finds_a_person_in_whatever_a_file_is_packed(tmp_path: Path) -> None:
    name = person(1)["name"]
    (tmp_path / "a.json").write_text(json.dumps({"x": name}))
    (tmp_path / "b.hex").write_text(name.encode().hex())
    (tmp_path / "c.bin").write_bytes(name.upper().encode("utf-16"))
    (tmp_path / "d.zst").write_bytes(pa.compress(name.encode() * 9, codec="zstd", asbytes=True))
    pq.write_table(pa.table({"x": [[{"y": name}]]}), tmp_path / "e.parquet")
    with duckdb.connect(str(tmp_path / "f.duckdb")) as database:
        database.execute("create table t as select ? as x", [name])
    with sqlite3.connect(tmp_path / "g.db") as ledger:
        ledger.execute("create table t as select ? as x", [name])
    (tmp_path / f"{name}.txt").touch()
    (tmp_path / "none.txt").write_text("Thanh Hóa 04/06/2021")
    assert len({found for found, _ in left_of_persons(tmp_path)}) == 8

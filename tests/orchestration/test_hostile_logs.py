"""Damaged and hostile logs from the inbox to the ledger: a clear reason, every line accounted for, memory bounded."""

import gzip
import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.readers import log_parquet
from orchestration.home import Home, open_home
from orchestration.loading import load_source
from tests.ingestion.logs import HEADER, STATE
from tests.orchestration.person_files import line, state, write_sources
from warehouse.landing import receive

pytestmark = pytest.mark.slow

PROJECT_DIR = Path(__file__).resolve().parents[2]
NOW = datetime(2022, 10, 5, 3, 0, tzinfo=UTC)
LINES = [line(number) for number in range(40)]
GOOD = "\n".join([HEADER, *LINES, ""]).encode()
OBJECTS = [json.dumps(state(number), ensure_ascii=False) for number in range(40)]
PACKED = gzip.compress(GOOD * 30, mtime=0)
DEEP = b"[" * 1_000_000 + b"]" * 1_000_000


@pytest.fixture
def home(tmp_path: Path) -> Home:
    write_sources(tmp_path / "home" / "sources")
    (tmp_path / "home" / "sotinh.toml").write_text("settle_seconds = 0\n", encoding="utf-8")
    return open_home(tmp_path / "home")


def load(home: Home, source_id: str, name: str, content: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The one load of a file, and its rejected rows."""
    folder = home.paths.inbox / source_id
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    receive(home.paths, home.ledger, home.settings, home.source_ids, NOW, home.inboxes)
    (record,) = load_source(home, home.sources[source_id], NOW, "run-1")
    payload = dict(record.payload)
    counts = [payload[f"rows_{each}"] for each in ("accepted", "rejected", "superseded")]
    assert payload["rows_read"] == sum(counts)
    rejected = pq.read_table(home.paths.home / payload["rejected_file"]) if payload["rejected_file"] else None
    rows = rejected.to_pylist() if rejected else []
    assert len(rows) == payload["rows_rejected"]
    assert all(row["reason_vi"] and row["reason_en"] and row["cell"].startswith("L") for row in rows)
    return payload, rows


def with_lines(*more: bytes) -> bytes:
    """Forty good lines, each of the others after another one of them, and the line numbers stay easy to tell."""
    lines = [HEADER.encode(), *(each.encode() for each in LINES)]
    for number, each in enumerate(more):
        lines.insert(2 + 2 * number, each)
    return b"\n".join(lines)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (HEADER.encode(), "repeated_header"),
        (line(90, ChuHoSo="Tuyết\0").encode(), "nul_character"),
        (line(90).encode("utf-16-le"), "nul_character"),
        (line(90, ChuHoSo="Tuyết").encode("cp1258", "replace").replace(b"Tuy", b"T\xfd\xfe"), "bad_encoding"),
        (line(90).encode() + b",them", "too_many_fields"),
        (line(90).encode().replace(b",", b"", 1), "too_few_fields"),
        (b"=1+1", "too_few_fields"),
        (line(90).encode() + b" " * 2_000_000, "line_too_long"),
        (line(90, ThoiDiem="31/02/2022 08:00:00").encode(), "unreadable_date"),
        (line(90, ThoiDiem="01/01/0001 08:00:00").encode(), "unreadable_date"),
        (line(90, ThoiDiem="31/12/9999 08:00:00").encode(), "unreadable_date"),
        (line(90, TrangThaiHoSo="=HYPERLINK()").encode(), "unknown_code"),
        (line(90, LePhi="9" * 100_000).encode(), "text_too_long"),
        (line(90, TrangThaiHoSo="'; drop table loads; --").encode(), "unknown_code"),
    ],
)
def test_a_bad_line_is_told_by_its_number_and_the_others_count(home: Home, bad: bytes, reason: str) -> None:
    told, rows = load(home, "cong_csv", "a.csv.gz", gzip.compress(with_lines(bad, bad)))
    assert told["verdict"] == "accepted_with_warnings"
    assert (told["rows_read"], told["rows_accepted"]) == (42, 40)
    assert [(row["cell"], row["reason_code"]) for row in rows] == [("L3", reason), ("L5", reason)]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("cong_csv/rong.csv", b"", "empty_file"),
        ("cong_csv/rong.csv.gz", gzip.compress(b"", mtime=0), "empty_file"),
        ("cong_csv/tieu_de.csv", HEADER.encode(), "empty_file"),
        ("cong_csv/bom.csv", b"\xef\xbb\xbf", "empty_file"),
        ("cong_csv/cut.csv.gz", PACKED[:-30], "unreadable_file"),
        ("cong_csv/duoi.csv.gz", PACKED + b"garbage", "unreadable_file"),
        ("cong_csv/cut.csv.zst", pa.compress(GOOD * 30, codec="zstd", asbytes=True)[:-9], "unreadable_file"),
        ("cong_csv/cham_phay.csv", GOOD.replace(b",", b";"), "column_not_found"),
        ("cong_csv/cr.csv", GOOD.replace(b"\n", b"\r"), "unreadable_file"),
        ("cong_csv/nhieu_cot.csv", b",".join(b"c%d" % n for n in range(5_000)) + b"\n" + GOOD, "too_large"),
        ("cong_csv/ten_cot.csv", GOOD.replace(b"ThoiDiem", b"Gio'); drop table t; --"), "column_not_found"),
        ("cong_json/sau.json", DEEP[:1_000_000], "unreadable_file"),
        ("cong_json/cut.json", ("[" + ",".join(OBJECTS)).encode(), "unreadable_file"),
        ("cong_ndjson/mang.ndjson", ("[" + ",".join(OBJECTS) + "]").encode(), "unreadable_file"),
        ("cong_parquet/csv.parquet", GOOD, "unreadable_file"),
        ("cong_parquet/hong.parquet", b"PAR1" + b"\xff" * 200 + b"PAR1", "unreadable_file"),
        ("cong_parquet/ma_hoa.parquet", b"PARE" + b"\x15\x04" * 100 + b"\x10\0\0\0PARE", "unreadable_file"),
    ],
)
def test_a_file_that_is_no_log_fails_with_its_reason(home: Home, name: str, content: bytes, reason: str) -> None:
    source_id, file_name = name.split("/")
    told, _ = load(home, source_id, file_name, content)
    assert (told["verdict"], told["reason_code"], told["rows_read"]) == ("failed", reason, 0)
    assert len(told["reason_vi"]) > 30
    assert "; " in told["reason_en"] or ". " in told["reason_en"]  # what is wrong, and what to do
    assert list(home.paths.staged.iterdir()) == []


def workbook() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


@pytest.mark.parametrize("name", ["a.csv.gz", "a.xlsx", "a.zip"])
def test_a_workbook_by_another_name_is_called_what_it_is(home: Home, name: str) -> None:
    told, _ = load(home, "cong_csv", name, workbook())
    assert (told["verdict"], told["reason_code"]) == ("failed", "unreadable_file")
    assert "it is zip/xlsx" in told["reason_en"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b"\n", b"\r\n"),
        gzip.compress(GOOD[:2_000]) + gzip.compress(b"") + gzip.compress(GOOD[2_000:]),
    ],
)
def test_marks_line_ends_and_packed_parts_of_other_systems_change_nothing(home: Home, content: bytes) -> None:
    told, _ = load(home, "cong_csv", "a.csv.gz", content)
    assert (told["verdict"], told["rows_accepted"]) == ("accepted", 40)


def test_what_json_allows_and_no_log_should_hold(home: Home) -> None:
    whole = OBJECTS[0]
    odd = {
        whole[:-1] + ', "TrangThaiHoSo": "4"}': "repeated_key",
        whole.replace('"1.500.000"', "NaN"): "unreadable_number",
        whole.replace('"1.500.000"', "-Infinity"): "unreadable_number",
        whole.replace('"1.500.000"', "9" * 100_000): "unreadable_number",
        '{"a":' * 100_000: "broken_json",
        DEEP.decode(): "line_too_long",
        whole.replace("Trịnh", "\\ud800"): "broken_json",
        f'"{whole[2]}"': "not_an_object",
    }
    content = "\n".join([*(OBJECTS * 3), *odd]).encode()
    told, rows = load(home, "cong_ndjson", "a.ndjson", content)
    found = {row["cell"]: row["reason_code"] for row in rows if row["reason_code"] != "repeated_state"}
    assert [found.get(f"L{121 + number}") for number in range(len(odd))] == list(odd.values())
    assert told["rows_read"] == 128


def parquet(**columns: pa.Array) -> bytes:
    file = io.BytesIO()
    table = pa.Table.from_pylist([state(number) for number in range(40)])
    for name, column in columns.items():
        table = table.set_column(table.column_names.index(name), name, column)
    pq.write_table(table, file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("TrangThaiHoSo", pa.array([True] * 40), "unknown_code"),
        ("ThoiDiem", pa.array([2**62] * 40, pa.timestamp("us")), "unreadable_date"),
        ("ThoiDiem", pa.array(range(40)), "unreadable_date"),
        ("LePhi", pa.array([1.125] * 40), "unreadable_number"),
        ("MaTTHC", pa.array([b"\xff"] * 40), "bad_encoding"),
        ("MaTTHC", pa.array(["x" * 5_000] * 40), "text_too_long"),
    ],
)
def test_wrong_types_of_parquet_are_refused_row_by_row(home: Home, column: str, values: pa.Array, reason: str) -> None:
    told, rows = load(home, "cong_parquet", "a.parquet", parquet(**{column: values}))
    assert (told["verdict"], told["rows_read"]) == ("quarantined", 40)
    assert [(row["cell"], row["reason_code"]) for row in rows] == [(f"L{n}", reason) for n in range(1, 41)]


def test_a_row_group_that_claims_more_than_memory_holds_is_refused(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_parquet, "_MOST_GROUP_BYTES", 2**20)
    texts = pa.array(["x" * 50_000] * 40)  # packed, a few kilobytes
    file = io.BytesIO()
    table = pa.Table.from_pylist([state(number) for number in range(40)])
    table = table.set_column(table.column_names.index("MaTTHC"), "MaTTHC", texts)
    pq.write_table(table, file, compression="zstd", use_dictionary=False)
    told, _ = load(home, "cong_parquet", "a.parquet", file.getvalue())
    assert (told["verdict"], told["reason_code"]) == ("failed", "too_large")


MEMORY = """
import resource
from pathlib import Path
from tests.orchestration.test_hostile_logs import NOW, open_home
from orchestration.loading import canary, load_source
from warehouse.landing import receive
home = open_home({home!r})
receive(home.paths, home.ledger, home.settings, home.source_ids, NOW, home.inboxes)
canary()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
(record,) = load_source(home, home.sources[{source_id!r}], NOW, "run-1")
told = record.payload
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(told["verdict"], told["reason_code"], told["rows_read"], told["rows_accepted"], (after - before) // 1024)
"""


def load_measured(home: Home, source_id: str) -> tuple[list[str], int]:
    """Verdict, reason code, rows read and accepted, and how many MiB the process grew by."""
    script = MEMORY.format(home=str(home.paths.home), source_id=source_id)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=PROJECT_DIR, timeout=250)
    assert done.returncode == 0, done.stderr[-2000:]
    *said, grown = done.stdout.split()
    return said, int(grown)


def pack(path: Path, codec: str, head: bytes, block: bytes, times: int, tail: bytes = b"") -> None:
    path.parent.mkdir(exist_ok=True)
    with pa.OSFile(str(path), "wb") as raw, pa.CompressedOutputStream(raw, codec) as packed:
        packed.write(head)
        for _ in range(times):
            packed.write(block)
        packed.write(tail)


def test_a_line_of_a_hundred_megabytes_is_one_rejected_row(home: Home) -> None:
    path = home.paths.inbox / "cong_csv" / "a.csv"
    path.parent.mkdir()
    with path.open("wb") as file:
        file.write(GOOD + b'"')
        for _ in range(100):
            file.write(b"Tuyet,0912345678 " * 61_681)
        file.write(b"\n" + line(50).encode() + b"\n")
    said, grown = load_measured(home, "cong_csv")
    assert said == ["accepted_with_warnings", "None", "42", "41"]
    assert grown < 400


@pytest.mark.parametrize(
    ("codec", "block"),
    [
        ("gzip", b"\0" * 2**20),
        ("zstd", b"\0" * 2**20),
        ("zstd", b"\n" * 2**20),
        ("zstd", (line(1) + "\n").encode() * 3_000),
    ],
)
def test_a_bomb_of_two_gigabytes_is_refused_in_bounded_memory(home: Home, codec: str, block: bytes) -> None:
    times = 2 * 2**30 // len(block) + 1
    pack(home.paths.inbox / "cong_csv" / "a.csv.x", codec, GOOD, block, times)
    said, grown = load_measured(home, "cong_csv")
    assert said == ["failed", "too_large", "0", "0"]
    assert grown < 500


@pytest.mark.parametrize("form", ["ndjson", "json"])
def test_long_values_need_no_memory_of_the_size_of_the_file(home: Home, form: str) -> None:
    """Each object is below the limit of a line, and what is read of it is nearly all of it."""
    block = b"".join(
        json.dumps({**STATE, "TenTinh": f"{number}" * 100_000, "TrangThaiHoSo": f"{number}" * 20}).encode()
        + b",\n"[form == "ndjson" :]
        for number in range(10, 60)
    )
    opening, closing = (b"", b"") if form == "ndjson" else (b"[", OBJECTS[0].encode() + b"]")
    path = home.paths.inbox / f"cong_{form}" / "a"
    path.parent.mkdir()
    with path.open("wb") as file:
        file.write(opening)
        for _ in range(40):  # 400 MB
            file.write(block)
        file.write(closing)
    said, grown = load_measured(home, f"cong_{form}")
    assert (said[0], int(said[2])) == ("quarantined", 2_000 + (form == "json"))
    assert grown < 500

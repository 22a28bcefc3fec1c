"""Logs that are damaged, hostile or full of persons: a clear reason, nothing lost, nothing said of anybody."""

import csv
import gzip
import io
import json
import logging
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion import read_log as reading
from ingestion.errors import FileFault
from ingestion.read_log import LOG_LIMITS, LogReadError
from ingestion.readers.ahead import ahead
from tests.ingestion.logs import HEADER, STATE, leaks, line, read, read_path

GOOD = f"{HEADER}\n{line()}\n".encode()
MANY = "\n".join([HEADER, *(line(Lan=str(n % 10), ChuHoSo=os.urandom(20).hex()) for n in range(2_000))]).encode()


def fault_of(folder, reference, content, **changes) -> FileFault:
    with pytest.raises(FileFault) as raised:
        read(folder, reference, content, **changes)
    assert raised.value.reason_vi and raised.value.reason_en
    assert not leaks(raised.value.reason_vi, raised.value.reason_en, str(raised.value))
    assert not (folder / "rows.parquet").exists()
    assert not (folder / "rejected.parquet").exists()
    return raised.value


@pytest.mark.parametrize("share", [0.001, 0.3, 0.7, 0.999])
@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_a_packed_file_cut_short(tmp_path, reference, share, codec):
    packed = gzip.compress(MANY, mtime=0) if codec == "gzip" else pa.compress(MANY, codec="zstd", asbytes=True)
    fault = fault_of(tmp_path, reference, packed[: max(int(len(packed) * share), 5)])
    assert fault.reason_code == "unreadable_file"
    assert codec in fault.reason_en


def test_a_packed_file_with_a_damaged_middle_or_something_after_its_end(tmp_path, reference):
    packed = gzip.compress(MANY, mtime=0)
    damaged = packed[:20_000] + b"\0\0\0\0" + packed[20_004:]
    assert fault_of(tmp_path, reference, damaged).reason_code == "unreadable_file"
    assert fault_of(tmp_path, reference, packed + b"garbage").reason_code == "unreadable_file"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (HEADER.encode(), "empty_file"),
        (b"\n\n \n", "empty_file"),
        (gzip.compress(b"", mtime=0), "empty_file"),
        (b"PK\x03\x04" + MANY, "unreadable_file"),
        (b"BZh9" + MANY, "unreadable_file"),
        (b"\xfd7zXZ\0" + MANY, "unreadable_file"),
        (b"PAR1" + MANY, "unreadable_file"),
        (GOOD.decode().encode("utf-16"), "unreadable_file"),
        (b"\xff\xfe\xfd" * 100, "unreadable_file"),
        (b"x" * 3_000_000, "unreadable_file"),
        (b",".join([b"x"] * 1_000) + b"\n", "too_large"),
        (GOOD.replace(b"MucDo", b"MaHoSo"), "column_not_found"),
        (GOOD.replace(b"GhiChu", b"ma ho so"), "unreadable_file"),
        (GOOD.replace(b"ThoiDiem", b"Gio"), "column_not_found"),
        (GOOD.partition(b"\n")[2], "column_not_found"),
        (gzip.compress(b"\n" * 200_000_000, mtime=0), "too_large"),
    ],
)
def test_a_file_that_is_no_log(tmp_path, reference, content, reason):
    found = fault_of(tmp_path, reference, content)
    assert found.reason_code == reason


def test_what_is_missing_is_named_and_of_the_rest_only_what_is_declared(tmp_path, reference):
    fault = fault_of(tmp_path, reference, GOOD.replace(b"ThoiDiem", "Nguyễn Thị Ánh Tuyết".encode()))
    assert "“ThoiDiem”" in fault.reason_en
    assert "MaHoSo" in fault.reason_en


@pytest.mark.parametrize(
    ("form", "content", "reason"),
    [
        ("ndjson", json.dumps([STATE]), "unreadable_file"),
        ("ndjson", json.dumps({**STATE, "ThoiDiem": None}), "column_not_found"),
        ("json", json.dumps(STATE), "unreadable_file"),
        ("json", json.dumps([STATE])[:-1], "unreadable_file"),
        ("json", json.dumps([STATE])[:-9], "unreadable_file"),
        ("json", json.dumps([STATE, STATE]).replace("}, {", "} {"), "unreadable_file"),
        ("json", json.dumps([STATE, 5, STATE]), "unreadable_file"),
        ("json", json.dumps([STATE]) + "x", "unreadable_file"),
        ("json", "[]", "empty_file"),
        ("json", " ", "unreadable_file"),
        ("parquet", "PAR1", "unreadable_file"),
        ("parquet", GOOD.decode(), "unreadable_file"),
    ],
)
def test_a_file_of_another_format_that_is_no_log(tmp_path, reference, form, content, reason):
    assert fault_of(tmp_path, reference, content, format=form).reason_code == reason


def test_a_parquet_file_that_is_cut_or_lacks_a_column_or_nests_one(tmp_path, reference):
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table({name: [text] for name, text in STATE.items()}), path)
    whole = path.read_bytes()
    assert fault_of(tmp_path, reference, whole[: len(whole) // 2], format="parquet").reason_code == "unreadable_file"
    hurt = whole[:40] + b"\xff" * 40 + whole[80:]
    assert fault_of(tmp_path, reference, hurt, format="parquet").reason_code == "unreadable_file"
    for column, kind in (("Gio", "column_not_found"), ("ThoiDiem", "unreadable_file")):
        others = {name: [text] for name, text in STATE.items() if name != "ThoiDiem"}
        pq.write_table(pa.table({**others, column: [["Tuyết"]]}), path)
        assert fault_of(tmp_path, reference, path.read_bytes(), format="parquet").reason_code == kind


def test_a_disk_that_fails_is_no_fault_of_the_publisher(tmp_path, reference):
    with pytest.raises(FileNotFoundError):
        read_path(tmp_path, reference, tmp_path / "gone")


def test_an_error_of_ours_says_its_kind_and_nothing_of_the_file(tmp_path, reference, monkeypatch, caplog):
    def fail(*_: object) -> None:
        raise pa.ArrowInvalid("cannot convert Nguyễn Thị Ánh Tuyết")

    monkeypatch.setattr(reading, "with_values", fail)
    with caplog.at_level(logging.DEBUG), pytest.raises(LogReadError) as raised:
        read(tmp_path, reference, GOOD)
    assert "ArrowInvalid" in str(raised.value)
    assert raised.value.__context__ is None
    assert not leaks(str(raised.value), caplog.text)


def rotated(by: int) -> str:
    """The line with its texts in other columns."""
    texts = list(STATE.values())
    return ",".join(texts[by:] + texts[:by])


def test_shifted_columns_leak_nothing(tmp_path, reference, caplog):
    with caplog.at_level(logging.DEBUG):
        found = read(tmp_path, reference, [rotated(by) for by in range(1, len(STATE))])
    assert found.rows == []
    assert not leaks(found.rejected, found.lookups, caplog.text)
    for path in (tmp_path / "rows.parquet", tmp_path / "rejected.parquet"):
        assert not leaks(path.read_bytes().decode("latin-1"), personal=["Tuy", "0912345678", "anhtuyet"])


def test_a_personal_text_in_any_one_column_leaks_nothing(tmp_path, reference):
    for person in ("Nguyễn Thị Ánh Tuyết", "0912345678", "912345678", "anhtuyet@example.com", "038185001234"):
        lines = [line(**{column: person}) for column in STATE]
        found = read(tmp_path, reference, lines)
        assert not leaks(found.rows, found.rejected, found.lookups, [str(row["fee_vnd"]) for row in found.rows])
        as_json = "\n".join(json.dumps({**STATE, column: person}) for column in STATE)
        found = read(tmp_path, reference, as_json, format="ndjson")
        assert not leaks(found.rows, found.rejected, found.lookups)


WHOLE = [line(), line(GhiChu='"a, b\nc"'), HEADER, line()[:50]]
PIECES = ['"', '""', ",", "\n", "\n", "\r", "\r\n", "\0", "x", "é", *WHOLE]


def outcome(found):
    return ([(row["cell"], row["sequence"]) for row in found.rows], found.reasons)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_any_mixture_reads_alike_in_any_chunks_and_no_line_is_lost(tmp_path, reference, pieces):
    content = "\n".join([HEADER, line(), "".join(pieces)])
    found = read(tmp_path, reference, content)
    limits = replace(LOG_LIMITS, chunk_bytes=211)
    assert outcome(read(tmp_path, reference, content, limits=limits)) == outcome(found)
    told = {int(row["cell"][1:]) for row in found.rows + found.rejected}
    lines = content.split("\n")
    for number, text in enumerate(lines, start=1):
        if number > 1 and text.strip() and number not in told:  # inside the quotes of a record that begins before
            begin = max(each for each in told if each < number)
            joined = "\n".join(lines[begin - 1 : number + 50])
            first = next(csv.reader(io.StringIO(joined, newline="")))
            assert "\n".join(first).count("\n") >= number - begin
            assert (f"L{begin}", "line") not in [each[:2] for each in found.reasons]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.dictionaries(st.sampled_from(list(STATE)), st.text(max_size=12), max_size=4), min_size=1, max_size=6),
    st.integers(150, 2_000),
)
def test_json_reads_alike_as_lines_and_as_an_array_in_any_chunks(tmp_path, reference, changes, chunk_bytes):
    objects = [json.dumps({**STATE, **each}, ensure_ascii=bool(chunk_bytes % 2)) for each in changes]
    limits = replace(LOG_LIMITS, chunk_bytes=chunk_bytes)
    # json.dumps leaves U+0085 and the like as they are: only \n ends a line.
    lines = read(tmp_path, reference, "\n".join(objects), format="ndjson", limits=limits)
    array = read(tmp_path, reference, "[" + ",\n".join(objects) + "]", format="json", limits=limits)
    assert (lines.rows, lines.reasons) == (array.rows, array.reasons)


def test_a_line_of_a_hundred_megabytes_needs_no_memory_of_its_size(tmp_path):
    path = tmp_path / "log.csv"
    with path.open("wb") as file:
        file.write(GOOD + b'"')
        for _ in range(100):
            file.write(b"Tuyet,0912345678 " * 61_681)
        file.write(b"\n" + line().encode() + b"\n")
    script = f"""
import resource, pathlib
from ingestion.reference import load_reference
from tests.ingestion.conftest import SEEDS
from tests.ingestion.logs import read_path
reference = load_reference([SEEDS])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = read_path(pathlib.Path({str(tmp_path)!r}), reference, pathlib.Path({str(path)!r}))
print(len(found.rows), found.reasons, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    *said, mebibytes = done.stdout.split()
    assert " ".join(said) == "2 [('L3', 'line', 'line_too_long')]"
    assert int(mebibytes) < 300


def test_reading_ahead_ends_with_its_reader():
    made = []

    def items():
        for number in range(1_000):
            made.append(number)
            yield number

    for number in ahead(items()):
        if number == 5:
            break
    assert made[-1] < 20

    def failing():
        yield 1
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        list(ahead(failing()))


def test_the_file_of_a_hostile_name_is_read_by_its_path(tmp_path, reference):
    path = tmp_path / "a'; drop table x; --.csv"
    path.write_bytes(GOOD)
    assert len(read_path(tmp_path, reference, Path(path)).rows) == 1

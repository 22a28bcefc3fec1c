"""The synthetic logs: the same for the same seed, read whole by their sources, and full of persons that never pass."""

import csv
import gzip
import hashlib
import io
import json
from collections import Counter, defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.generate import NATIONAL, PROVINCIAL, generate
from ingestion.generate_sql import PERSONAL_COLUMNS, PROVINCIAL_COLUMNS
from ingestion.generate_world import is_workday
from ingestion.read_log import read_log
from ingestion.source import load_source
from tests.ingestion.conftest import SOURCES_DIR
from tests.ingestion.logs import KEY

ROWS, MONTHS = 12_000, 8


@pytest.fixture(scope="module")
def logs(tmp_path_factory) -> list[Path]:
    return generate(tmp_path_factory.mktemp("logs"), ROWS, MONTHS, seed=1)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory) -> list[Path]:
    return generate(tmp_path_factory.mktemp("faulty"), ROWS, MONTHS, seed=1, faults=True)


@pytest.fixture(scope="module")
def states(logs, reference, tmp_path_factory) -> dict[str, list[dict]]:
    """All rows of each portal, as they are read; nothing of a log without faults is rejected."""
    found = defaultdict(list)
    for path in logs:
        rows, rejected, _ = read(path, tmp_path_factory.mktemp("read"), reference)
        assert rejected == []
        found[path.parent.name] += rows
    return found


def read(path: Path, folder: Path, reference) -> tuple[list[dict], list[dict], list]:
    source = load_source(SOURCES_DIR / f"{path.parent.name}.yml")
    paths = {"rows_path": folder / "rows.parquet", "rejected_path": folder / "rejected.parquet"}
    done = read_log(path, path.name, source, reference, key=KEY, **paths)
    rows, rejected = (pq.read_table(each).to_pylist() for each in paths.values())
    assert done.rows_read == len(rows) + len(rejected)
    return rows, rejected, done.lookups


def records(path: Path) -> list[dict]:
    """A file without faults as plain Python reads it."""
    text = gzip.decompress(path.read_bytes()).decode()
    if path.parent.name == NATIONAL:
        return [json.loads(line) for line in text.splitlines()]
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path, logs):
    def hashes(paths):
        return [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths]

    assert hashes(generate(tmp_path / "again", ROWS, MONTHS, seed=1)) == hashes(logs)
    assert not set(hashes(generate(tmp_path / "other", ROWS, MONTHS, seed=2))) & set(hashes(logs))


@pytest.mark.parametrize(("rows", "months"), [(1, 1), (7, 3), (500, 2), (3_001, 12)])
def test_exactly_the_rows_asked_for(tmp_path, rows, months):
    paths = generate(tmp_path, rows, months, seed=3)
    assert sum(len(records(path)) for path in paths) == rows


def test_one_file_a_month_and_portal_that_says_it_is_synthetic(logs):
    assert len(logs) == 2 * MONTHS
    assert {path.parent.name for path in logs} == {PROVINCIAL, NATIONAL}
    assert all(path.name.startswith("mo_phong_dvc_") for path in logs)
    for source_id in (PROVINCIAL, NATIONAL):
        source = load_source(SOURCES_DIR / f"{source_id}.yml")
        assert source.licence == "synthetic"
        assert "MÔ PHỎNG" in source.title
        assert "SYNTHETIC" in source.description
    assert all("Mô phỏng" in record["TenTTHC"] for record in records(logs[0]))


def test_every_row_is_read_as_plain_python_reads_it(logs, states):
    by_hand = Counter(
        (path.parent.name, record["TrangThaiHoSo"], record["MucDo"], record["KenhThucHien"])
        for path in logs
        for record in records(path)
    )
    read_rows = Counter(
        (source_id, row["state"], row["service_level"], row["channel"])
        for source_id, rows in states.items()
        for row in rows
    )
    assert read_rows == by_hand
    assert by_hand.total() == ROWS
    fees = sum(int(record["LePhi"].replace(".", "") or 0) for p in logs[:1] for record in records(p))
    assert fees == sum(row["fee_vnd"] or 0 for row in states[PROVINCIAL] if f"{row['event_at']:%Y-%m}" == "2022-01")


def test_dossiers_have_several_states_in_order_and_dates_that_agree(states):
    dossiers = defaultdict(list)
    for row in states[PROVINCIAL]:
        dossiers[row["dossier_key"]].append(row)
    assert 3 < len(states[PROVINCIAL]) / len(dossiers) < 6
    for rows in dossiers.values():
        rows.sort(key=lambda row: row["sequence"])
        assert [row["event_at"] for row in rows] == sorted(row["event_at"] for row in rows)
        for row in rows:
            known = [row[name] for name in ("submitted_at", "received_at", "finished_at") if row[name]]
            assert known == sorted(known)
            assert row["received_at"] is None or is_workday(row["received_at"].date())
            assert (row["state"] in ("9", "10")) == (row["finished_at"] is not None)
    finished = [row for row in states[PROVINCIAL] if row["state"] == "9"]
    late = sum(row["finished_at"].date() > row["due_at"].date() for row in finished) / len(finished)
    assert 0.1 < late < 0.3
    assert {row["state"] for row in states[PROVINCIAL]} == {str(state) for state in range(1, 11)}


def test_months_follow_the_season_and_some_dossiers_are_corrected_months_later(states):
    filed = {row["dossier_key"]: row for row in states[PROVINCIAL]}
    by_month = Counter(f"{row['submitted_at']:%Y-%m}" for row in filed.values())
    assert by_month["2022-02"] < by_month["2022-01"] < by_month["2022-08"]
    last = {row["dossier_key"]: row for row in states[PROVINCIAL] if row["state"] == "10"}
    ages = [(row["event_at"] - row["returned_at"]).days for row in last.values()]
    assert sum(age > 25 for age in ages) > 5


def test_the_national_portal_holds_part_of_it_with_differences(states):
    ours = {row["dossier_key"] for row in states[PROVINCIAL]}
    theirs = {row["dossier_key"] for row in states[NATIONAL]}
    assert len(ours & theirs) > len(ours) / 2
    assert len(ours - theirs) > len(ours) / 10
    assert len({row["province_id"] for row in states[NATIONAL]}) == 4
    assert not {"5", "6", "8"} & {row["state"] for row in states[NATIONAL]}


def persons(paths: list[Path]) -> set[str]:
    found = set()
    for path in paths:
        for record in records(path):
            found |= {record[name] for name in ("ChuHoSo", "SoDienThoai", "Email")}
            found.add(record.get("MaDoiTuong") or record["DinhDanhCHS"])
    return found - {"000000001"}


def test_names_telephones_e_mails_and_identity_numbers_are_planted(logs):
    text = "".join(gzip.decompress(path.read_bytes()).decode() for path in logs)
    assert "000000001" in text
    assert "\r" not in text
    assert len(persons(logs)) > ROWS / 4
    notes = [record["GhiChu"] for path in logs if path.parent.name == PROVINCIAL for record in records(path)]
    assert any("SĐT 0990" in note for note in notes)
    assert any("\n" in note and '"' in note for note in notes)
    assert set(PERSONAL_COLUMNS) < set(PROVINCIAL_COLUMNS)


def test_faults_lose_no_line_and_no_person_passes(logs, faulty, reference, tmp_path):
    said, codes, lines = set(), Counter(), 0
    for path in faulty:
        rows, rejected, lookups = read(path, tmp_path, reference)
        raw = gzip.decompress(path.read_bytes()).split(b"\n")[:-1]
        header = path.parent.name == PROVINCIAL
        # A note may break its line; the second half begins with the number of an identity card.
        expected = sum(not line.startswith(b"CCCD ") for line in raw) - header
        assert len(rows) + len(rejected) == expected
        lines += expected
        codes.update((path.parent.name, row["reason_code"]) for row in rejected)
        said |= {str(value) for row in rows + rejected for name, value in row.items() if name != "dossier_key"}
        said.add(str(lookups))
    assert lines == ROWS
    assert {code for _, code in codes} >= {
        "too_few_fields",
        "too_many_fields",
        "unbalanced_quotes",
        "nul_character",
        "bad_encoding",
        "repeated_header",
        "broken_json",
        "not_an_object",
        "unknown_code",
        "unreadable_date",
        "unreadable_number",
        "missing_value",
        "unknown_area",
    }
    assert 0.003 < codes.total() / ROWS < 0.02
    text = "\n".join(said)
    assert [person for person in persons(logs) if person in text] == []


def test_other_packings_hold_the_same_lines(tmp_path, logs):
    plain = generate(tmp_path / "plain", ROWS, MONTHS, seed=1, formats=("csv", "ndjson"))
    packed = generate(tmp_path / "zst", ROWS, MONTHS, seed=1, formats=("csv.zst", "ndjson.zst"))
    for gz, text, zst in zip(logs, plain, packed, strict=True):
        assert gzip.decompress(gz.read_bytes()) == text.read_bytes()
        with pa.OSFile(str(zst)) as file, pa.CompressedInputStream(file, "zstd") as stream:
            assert stream.read() == text.read_bytes()


@pytest.mark.parametrize("wrong", [{"rows": 0}, {"months": 0}, {"formats": ("xlsx", "ndjson")}])
def test_what_cannot_be_made_is_refused(tmp_path, wrong):
    with pytest.raises(ValueError):
        generate(tmp_path, **{"rows": 10, "months": 1, "seed": 1, **wrong})
    assert list(tmp_path.iterdir()) == []

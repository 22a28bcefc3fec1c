"""A first source YAML for logs of dossiers: their columns, dates and codes are found, and no person is read."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.errors import FileFault
from ingestion.propose import Proposal, propose
from ingestion.read_log import read_log
from ingestion.sample import write_sample
from ingestion.source import Source, load_source
from tests.ingestion.conftest import SOURCES_DIR
from tests.ingestion.logs import HEADER, KEY, PERSONAL, STATE, leaks, line, state

PERSONAL_COLUMNS = "ChuHoSo, SoDienThoai, Email, DinhDanhCHS, GhiChu"


def declared(folder: Path, proposal: Proposal) -> Source:
    path = folder / f"{proposal.source_id}.yml"
    path.write_text(proposal.text, encoding="utf-8")
    return load_source(path)


def read(folder: Path, file: Path, source: Source, reference) -> tuple[list[dict], list[dict]]:
    rows, rejected = folder / "rows.parquet", folder / "rejected.parquet"
    read_log(file, file.name, source, reference, key=KEY, rows_path=rows, rejected_path=rejected)
    return pq.read_table(rows).to_pylist(), pq.read_table(rejected).to_pylist()


def log(folder: Path, form: str, states: list[Mapping[str, str]]) -> Path:
    """The same states as csv, packed csv, ndjson, one JSON array, or Parquet."""
    path = folder / f"ho_so_2021-05.{form}"
    objects = [json.dumps(each, ensure_ascii=False) for each in states]
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(list(states)), path)
    elif form.startswith("csv"):
        data = "\n".join([HEADER, *(",".join(each.values()) for each in states), ""]).encode()
        path.write_bytes(gzip.compress(data) if form.endswith("gz") else data)
    else:
        path.write_text("[" + ",".join(objects) + "]" if form == "json" else "\n".join(objects), encoding="utf-8")
    return path


STATES = [
    state(ThanhToan="", LePhi=fee, TrangThaiHoSo=code, Lan=str(number))
    for number, (code, fee) in enumerate((("1", "1.500.000"), ("2", "50.000"), ("9", "0")), 1)
]


@pytest.mark.parametrize("form", ["csv", "csv.gz", "ndjson", "json", "parquet"])
def test_a_log_whose_provinces_are_named_is_read_by_its_proposal_at_once(tmp_path, reference, form):
    file = log(tmp_path, form, STATES)
    proposal = propose(file, "ho_so", reference)
    assert proposal.questions == 0, proposal.text
    rows, rejected = read(tmp_path, file, declared(tmp_path, proposal), reference)
    assert [(row["state"], row["fee_vnd"], row["province_id"]) for row in rows] == [
        ("1", 1_500_000, "P63-38"),
        ("2", 50_000, "P63-38"),
        ("9", 0, "P63-38"),
    ]
    assert rejected == []
    assert f"kept nowhere: {PERSONAL_COLUMNS}\n" in proposal.text
    assert leaks(proposal.text, rows, rejected) == []


def test_a_column_is_of_persons_by_what_it_holds_whatever_it_is_called(tmp_path, reference):
    states = [{"LienHe": f"09123456{number}8", **each} for number, each in enumerate(STATES)]
    proposal = propose(log(tmp_path, "ndjson", states), "ho_so", reference)
    assert f"kept nowhere: LienHe, {PERSONAL_COLUMNS}\n" in proposal.text
    assert "LienHe" not in declared(tmp_path, proposal).layout["fields"].values()


def test_spellings_of_codes_are_taken_from_the_vocabularies_and_others_are_asked_about(tmp_path, reference):
    states = [
        state(ThanhToan="", TrangThaiHoSo="Đã xử lý xong", KenhThucHien="Trực tuyến", MucDo="Toàn trình"),
        state(ThanhToan="", TrangThaiHoSo="Hồ sơ treo", KenhThucHien="Trực tiếp", MucDo="Một phần"),
    ]
    proposal = propose(log(tmp_path, "csv", states), "ho_so", reference)
    values = declared(tmp_path, proposal).layout["values"]
    assert values["channel"] == {"Trực tiếp": "1", "Trực tuyến": "2"}
    assert values["service_level"] == {"Một phần": "3", "Toàn trình": "4"}
    assert values["state"] == {"Đã xử lý xong": "9", "Hồ sơ treo": "?"}
    assert "# ? state: which code is “Hồ sơ treo”?" in proposal.text
    assert "# ? 1 of 2 rows would be rejected (unknown_code)" in proposal.text


def test_columns_are_found_by_what_they_hold_and_asked_for_where_nothing_tells(tmp_path, reference):
    header = HEADER.replace("MaHoSo", "Mã định danh").replace("MaTTHC", "Thủ tục").replace("MucDo", "Loại")
    file = tmp_path / "ho_so.csv"
    file.write_text("\n".join([header, line(ThanhToan=""), ""]), encoding="utf-8")
    proposal = propose(file, "ho_so", reference)
    fields = declared(tmp_path, proposal).layout["fields"]
    assert (fields["dossier_id"], fields["procedure_code"], fields["service_level"]) == ("Mã định danh", "Thủ tục", "?")
    assert "# ? which column is service_level? (or under constants" in proposal.text
    assert "# ? as it stands the file is refused: The file has no column “?”" in proposal.text


def test_the_proposals_for_both_portals_of_the_sample_read_the_rows_of_the_shipped_sources_once_answered(
    tmp_path, reference
):
    files = [path for path in write_sample(tmp_path / "inbox") if "2022-07" in path.name and "dvc" in path.name]
    assert len(files) == 2
    for file in files:
        proposal = propose(file, "moi", reference)
        assert "DuocThanhToan" in proposal.text or "is “Đã thanh toán” true or false?" in proposal.text
        answered = proposal.text.replace("Đã thanh toán: '?'", "Đã thanh toán: 'true'").replace("'?'", "'false'")
        found = read(tmp_path, file, declared(tmp_path, Proposal("moi", answered, 0)), reference)
        shipped = load_source(SOURCES_DIR / f"{file.parent.name}.yml")
        assert found == read(tmp_path, file, shipped, reference)
        assert len(found[0]) > 100


def test_dates_of_no_known_form_and_an_unknown_province_are_asked_about(tmp_path, reference):
    states = [{**each, "TenTinh": "", "MaHoSo": "A-17", "NgayNopHoSo": "May 31, 2021"} for each in STATES]
    text = propose(log(tmp_path, "csv", [dict(each, TenTinh="x") for each in states]), "ho_so", reference).text
    assert "# ? of which province are the dossiers?" in text


def test_a_file_that_only_calls_itself_a_log_is_refused(tmp_path, reference):
    for name, content in (
        ("a.ndjson", b"{broken"),
        ("a.parquet", b"PAR1"),
        ("a.csv.gz", b"\x1f\x8b\x08"),
        ("a.json", b""),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FileFault):
            propose(tmp_path / name, "x", reference)


def test_what_the_tests_call_personal_is_in_the_file(tmp_path):
    assert leaks(log(tmp_path, "ndjson", [STATE]).read_text(encoding="utf-8")) == list(PERSONAL)

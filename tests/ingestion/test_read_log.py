"""A log of dossiers, record by record: what is read, what is refused and why, and that nothing is lost."""

import gzip
import hashlib
import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.questions import Lookup, lookups_unchanged
from ingestion.read_log import LOG_LIMITS, read_log
from ingestion.reference import load_reference
from ingestion.shapes import REJECTED_SCHEMA, TRANSACTION_SCHEMA
from tests.ingestion.conftest import SEEDS
from tests.ingestion.logs import HEADER, KEY, LOG, STATE, leaks, line, read, read_path, state
from tests.ingestion.sheets import source

at = datetime.fromisoformat
ROW = {
    "row_no": 1,
    "cell": "L2",
    "dossier_key": hashlib.sha256(KEY + b"000.17.22.H56-210531-0001").hexdigest()[:32],
    "province_id": "P63-38",
    "boundary_set": "63",
    "procedure_code": "1.004194",
    "service_level": "4",
    "channel": "2",
    "state": "9",
    "submitted_at": at("2021-05-31 08:30:00"),
    "received_at": at("2021-05-31 09:00:00"),
    "due_at": at("2021-06-07 17:00:00"),
    "finished_at": at("2021-06-04 15:20:10"),
    "returned_at": None,
    "event_at": at("2021-06-04 15:20:10"),
    "sequence": 3,
    "fee_vnd": Decimal(1_500_000),
    "paid_online": True,
    "digitised": True,
    "field_code": "LV03",
}


def test_one_state_of_one_dossier(tmp_path, reference):
    found = read(tmp_path, reference, [line()])
    assert found.rows == [ROW]
    assert found.rejected == []
    assert pq.read_schema(tmp_path / "rows.parquet") == TRANSACTION_SCHEMA
    assert pq.read_schema(tmp_path / "rejected.parquet") == REJECTED_SCHEMA


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"MaTTHC": " 2.000884 "}, "procedure_code", "2.000884"),
        ({"MaHoSo": " 000.17.22.h56-210531-0001 "}, "dossier_key", ROW["dossier_key"]),
        ({"KenhThucHien": "TRUC TUYEN"}, "channel", "2"),
        ({"KenhThucHien": ""}, "channel", "1"),
        ({"NgayHenTra": "20210607170000"}, "due_at", at("2021-06-07 17:00:00")),
        ({"NgayHenTra": "2021-06-07T17:00:00"}, "due_at", at("2021-06-07 17:00:00")),
        ({"NgayHenTra": "2021-06-07"}, "due_at", at("2021-06-07 00:00:00")),
        ({"NgayHenTra": "2021-06-07T10:00:00Z"}, "due_at", at("2021-06-07 17:00:00")),
        ({"NgayHenTra": "2021-06-07T17:00:00+07:00"}, "due_at", at("2021-06-07 17:00:00")),
        ({"NgayHenTra": "2021-06-07T05:30:00.5-0430"}, "due_at", at("2021-06-07 17:00:00.500000")),
        ({"NgayHenTra": "  "}, "due_at", None),
        ({"LePhi": ""}, "fee_vnd", None),
        ({"LePhi": "0"}, "fee_vnd", Decimal(0)),
        ({"LePhi": '"15.000,00"'}, "fee_vnd", Decimal(15_000)),
        ({"ThanhToan": "0"}, "paid_online", False),
        ({"ThanhToan": ""}, "paid_online", None),
        ({"HoSoCoThanhPhanSoHoa": "Không"}, "digitised", False),
        ({"HoSoCoThanhPhanSoHoa": ""}, "digitised", None),
        ({"MaLinhVuc": " g15-tp02 "}, "field_code", "G15-TP02"),
        ({"MaLinhVuc": "ĐẤT ĐAI"}, "field_code", "DATDAI"),
        ({"MaLinhVuc": ""}, "field_code", None),
        ({"Lan": ""}, "sequence", None),
    ],
)
def test_spellings_of_a_field(tmp_path, reference, changes, field, value):
    found = read(tmp_path, reference, [line(**changes)])
    assert found.rejected == []
    assert found.rows[0][field] == value


@pytest.mark.parametrize(
    ("changes", "field", "reason", "shown"),
    [
        ({"MaHoSo": ""}, "dossier_id", "missing_value", ""),
        ({"MaHoSo": "Nguyễn Thị Ánh Tuyết"}, "dossier_id", "unreadable_dossier_id", "***"),
        ({"MaHoSo": "anhtuyet@example.com"}, "dossier_id", "unreadable_dossier_id", "***"),
        ({"MaTTHC": ""}, "procedure_code", "missing_value", ""),
        ({"MaTTHC": "1.00419"}, "procedure_code", "unreadable_procedure", "1.00419"),
        ({"MaTTHC": "0912345678"}, "procedure_code", "unreadable_procedure", "***"),
        ({"TrangThaiHoSo": "11"}, "state", "unknown_code", "11"),
        ({"TrangThaiHoSo": "Nguyễn Thị Ánh Tuyết"}, "state", "unknown_code", "***"),
        ({"TrangThaiHoSo": " "}, "state", "missing_value", ""),
        ({"KenhThucHien": "7"}, "channel", "unknown_code", "7"),
        ({"KenhThucHien": "anhtuyet@example.com"}, "channel", "unknown_code", "***"),
        ({"MucDo": "1"}, "service_level", "unknown_code", "1"),
        ({"MucDo": ""}, "service_level", "missing_value", ""),
        ({"ThoiDiem": ""}, "event_at", "missing_value", ""),
        ({"ThoiDiem": "31/02/2022 08:00:00"}, "event_at", "unreadable_date", "31/02/2022 08:00:00"),
        ({"ThoiDiem": "0912345678"}, "event_at", "unreadable_date", "***"),
        ({"ThoiDiem": "038185001234"}, "event_at", "unreadable_date", "***"),
        ({"NgayTra": "04/13/2021 00:00:00"}, "returned_at", "unreadable_date", "04/13/2021 00:00:00"),
        ({"NgayTra": "2021060417000"}, "returned_at", "unreadable_date", "***"),
        ({"NgayTra": "01/01/1899 00:00:00"}, "returned_at", "unreadable_date", "***"),
        ({"NgayTra": "01/01/21 00:00:00"}, "returned_at", "unreadable_date", "***"),
        ({"Lan": "1.5"}, "sequence", "unreadable_number", "***"),
        ({"Lan": "912345678"}, "sequence", "number_too_large", "***"),
        ({"LePhi": "15,000"}, "fee_vnd", "too_many_fields", "***"),
        ({"LePhi": "-5"}, "fee_vnd", "unreadable_number", "-5"),
        ({"LePhi": "0912345678"}, "fee_vnd", "unreadable_number", "***"),
        ({"LePhi": "912345678"}, "fee_vnd", "number_too_large", "***"),
        ({"LePhi": "912.345.678"}, "fee_vnd", "number_too_large", "***"),
        ({"ThanhToan": "chị Tuyết"}, "paid_online", "unknown_flag", "***"),
        ({"HoSoCoThanhPhanSoHoa": "2"}, "digitised", "unknown_flag", "2"),
        ({"MaLinhVuc": "Hộ tịch"}, "field_code", "unreadable_field_code", "***"),
        ({"MaLinhVuc": "TUYET"}, "field_code", "unreadable_field_code", "***"),
        ({"MaLinhVuc": "0912345678"}, "field_code", "unreadable_field_code", "***"),
        ({"MaLinhVuc": "C1234567"}, "field_code", "unreadable_field_code", "***"),  # a passport
        ({"MaLinhVuc": "1985"}, "field_code", "unreadable_field_code", "***"),  # a year of birth
    ],
)
def test_a_fault_rejects_its_row_and_shows_harmless_text_only(tmp_path, reference, changes, field, reason, shown):
    found = read(tmp_path, reference, [line(), line(**changes), line()])
    (fault,) = found.rejected
    field = "line" if reason == "too_many_fields" else field
    assert (fault["row_no"], fault["cell"], fault["field"]) == (2, "L3", field)
    assert (fault["reason_code"], fault["raw_value"]) == (reason, shown)
    assert fault["reason_vi"] and fault["reason_en"]
    assert not leaks(found.rejected)


def test_all_faults_of_a_row_are_told_the_first_decides(tmp_path, reference):
    found = read(tmp_path, reference, [line(MaTTHC="x", ThoiDiem="x", TenTinh="x", MaHoSo="1")])
    (fault,) = found.rejected
    assert json.loads(fault["reasons"]) == ["unreadable_procedure", "unreadable_date"]
    assert fault["reason_en"].count("event_at") == 1


BROKEN = {
    "too_few_fields": line().rsplit(",", 1)[0],
    "too_many_fields": line() + ",x",
    "unbalanced_quotes": line(ChuHoSo='"Nguyễn Thị Ánh Tuyết'),
    "nul_character": line(ChuHoSo="Tuyết\0"),
    "repeated_header": HEADER,
    "stray_line_break": line(ChuHoSo="Ánh\rTuyết"),
}


@pytest.mark.parametrize("reason", BROKEN)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_broken_line_is_one_rejected_row_and_its_neighbours_stand(tmp_path, reference, reason, ending):
    content = ending.join([HEADER, line(Lan="1"), BROKEN[reason], line(Lan="2"), BROKEN[reason], line(Lan="3"), ""])
    found = read(tmp_path, reference, content)
    assert [row["sequence"] for row in found.rows] == [1, 2, 3]
    assert found.reasons == [("L3", "line", reason), ("L5", "line", reason)]
    assert {row["raw_value"] for row in found.rejected} == {"***"}
    assert not leaks(found.rejected, found.rows)


def test_bytes_of_another_encoding_reject_their_line(tmp_path, reference):
    lines = [HEADER.encode(), line().encode(), line(ChuHoSo="Tuyet \xe9").encode("latin-1", "replace"), line().encode()]
    found = read(tmp_path, reference, b"\n".join(lines))
    assert found.reasons == [("L3", "line", "bad_encoding")]
    assert len(found.rows) == 2


def test_another_declared_encoding(tmp_path, reference):
    content = "\n".join([HEADER, line(TenTinh="Thanh Hoa", ChuHoSo="x", ThanhToan="1", GhiChu="x")])
    assert len(read(tmp_path, reference, content.encode("cp1252"), encoding="cp1252").rows) == 1
    assert len(read(tmp_path, reference, content.encode("utf-16"), encoding="utf-16").rows) == 1
    broken = content.encode("cp1252") + b"\x81"
    assert read(tmp_path, reference, broken, encoding="cp1252").reasons == [("L2", "line", "bad_encoding")]


def test_a_line_break_inside_quotes_does_not_end_the_record(tmp_path, reference):
    lines = [line(), line(GhiChu='"dòng một, ""hai""\n\n  dòng ba"'), line(Lan="9")]
    found = read(tmp_path, reference, lines)
    assert [(row["cell"], row["sequence"]) for row in found.rows] == [("L2", 3), ("L3", 3), ("L6", 9)]


def test_an_open_quote_does_not_swallow_the_lines_after_it(tmp_path, reference):
    opened, closed = line(GhiChu='"Tuyết'), line(GhiChu='Tuyết"')
    lines = [opened, *[line()] * 5, closed, line()]
    found = read(tmp_path, reference, lines)
    assert len(found.rows) == 7  # a quote inside an unquoted text is a letter
    assert found.reasons == [("L2", "line", "unbalanced_quotes")]


def test_quotes_around_everything(tmp_path, reference):
    quoted = ['"' + '","'.join(state(GhiChu=f'a ""{number}"", b').values()) + '"' for number in range(50)]
    found = read(tmp_path, reference, "\r\n".join(['"' + HEADER.replace(",", '","') + '"', *quoted]))
    assert len(found.rows) == 50


def test_blank_lines_are_no_rows_and_count_as_lines(tmp_path, reference):
    content = "\n".join(["\ufeff", HEADER, "", line(), "  ", line(), "", ""])
    found = read(tmp_path, reference, content)
    assert [row["cell"] for row in found.rows] == ["L4", "L6"]


def test_a_line_of_separators_only_is_a_row_without_a_dossier(tmp_path, reference):
    found = read(tmp_path, reference, [",".join([""] * len(STATE))])
    assert found.rejected[0]["reason_code"] == "missing_value"


def test_a_line_beyond_the_limit_is_refused_wherever_it_stands(tmp_path, reference):
    lines = [line(), line(GhiChu="Tuyết " * 400), line(GhiChu="Tuyết " * 90_000), line()]
    for chunk_bytes in (100, 1_000, 10_000, 2**20):
        limits = replace(LOG_LIMITS, chunk_bytes=chunk_bytes, line_bytes=2_000)
        found = read(tmp_path, reference, lines, limits=limits)
        assert found.reasons == [("L3", "line", "line_too_long"), ("L4", "line", "line_too_long")]
        assert len(found.rows) == 2


PLACES = [
    ({"TenTinh": "Thanh Hóa"}, "P63-38"),
    ({"TenTinh": "TP. Thanh Hoá "}, None),
    ({"TenTinh": "thanh hoa"}, "P63-38"),
    ({"TenTinh": "Nguyễn Thị Ánh Tuyết"}, "P63-38"),  # the seen code H56 knows better
    ({"TenTinh": ""}, "P63-38"),
    ({"TenTinh": "Quảng Ngãi"}, "ambiguous_area"),
    ({"TenTinh": "Quảng Ngãi", "MaHoSo": "000.00.53.H48-220921-0099"}, "P63-51"),
    ({"TenTinh": "Vĩnh Phúc", "MaHoSo": "000.00.53.H62-220921-0099"}, "P63-26"),
    ({"TenTinh": "", "MaHoSo": "000.00.53.H62-220921-0099"}, "unknown_area"),  # H62 is only inferred
    ({"TenTinh": "", "MaHoSo": "03706/2026/07906"}, "unknown_area"),
    ({"TenTinh": "Hà Tây", "MaHoSo": "1"}, "area_not_in_set"),
    ({"TenTinh": "Hà Tây", "MaHoSo": "1", "NgayNopHoSo": "31/07/2008 00:00:00"}, "P64-28"),
    ({"TenTinh": "Vĩnh Phúc", "MaHoSo": "1", "NgayNopHoSo": "30/06/2025 23:59:59"}, "P63-26"),
    ({"TenTinh": "Vĩnh Phúc", "MaHoSo": "1", "NgayNopHoSo": "01/07/2025 00:00:00"}, "area_not_in_set"),
    ({"TenTinh": "Thanh Hóa", "NgayNopHoSo": "01/07/2025 00:00:00"}, "P34-38"),
    ({"TenTinh": "Thanh Hóa", "NgayNopHoSo": "31/12/2003 00:00:00"}, "area_before_known_sets"),
    ({"TenTinh": "Thanh Hóa", "NgayNopHoSo": "", "NgayTiepNhan": "01/07/2025 00:00:00"}, "P34-38"),
    ({"TenTinh": "Thanh Hóa", "NgayNopHoSo": "", "NgayTiepNhan": ""}, "P63-38"),
]


@pytest.mark.parametrize(("changes", "expected"), [each for each in PLACES if each[1]])
def test_the_province_of_the_day_of_filing(tmp_path, reference, changes, expected):
    found = read(tmp_path, reference, [line(**changes)])
    assert [row["province_id"] for row in found.rows] + [row["reason_code"] for row in found.rejected] == [expected]
    assert not leaks(found.rows, found.rejected, found.lookups)


def test_one_province_for_all_rows_and_a_fixed_set(tmp_path, reference):
    layout = {"places": None, "province": {"text": "38", "scheme": "gso"}}
    lines = [line(), line(NgayNopHoSo="01/07/2025 00:00:00")]
    assert [row["province_id"] for row in read(tmp_path, reference, lines, layout=layout).rows] == ["P63-38", "P34-38"]
    fixed = read(tmp_path, reference, lines, layout=layout, boundary_set="63")
    assert [row["province_id"] for row in fixed.rows] == ["P63-38", "P63-38"]
    both = read(tmp_path, reference, [line(TenTinh="Nghệ An")], layout={"province": layout["province"]})
    assert both.reasons == [("L2", "province_id", "ambiguous_area")]


def test_the_lookups_hold_known_places_only_and_tell_when_to_read_again(tmp_path, reference):
    lines = [line(), line(TenTinh="Nguyễn Thị Ánh Tuyết", MaHoSo="1"), line(TenTinh="Xứ Thanh", MaHoSo="1")]
    found = read(tmp_path, reference, lines)
    assert Lookup("area", ("name", "Thanh Hóa", None, "63"), "P63-38") in found.lookups
    assert not leaks(found.lookups)
    assert "Xứ" not in str(found.lookups)
    kept = json.loads(json.dumps(found.lookups))
    assert lookups_unchanged(kept, reference)
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "province_aliases.csv").write_text("alias,code_63,kind,source\nXứ Thanh,38,listed,x\n", encoding="utf-8")
    changed = load_reference([SEEDS, seeds])
    assert not lookups_unchanged(kept, changed)
    assert len(read(tmp_path, changed, lines).rows) == 2
    (seeds / "province_aliases.csv").unlink()
    (seeds / "dossier_states.csv").write_text("state,name_vi,name_en,stage\n11,x,x,processing\n", encoding="utf-8")
    assert not lookups_unchanged(kept, load_reference([SEEDS, seeds]))


def test_the_same_dossier_has_the_same_key_in_both_portals_and_another_home_another(tmp_path, reference):
    first = read(tmp_path, reference, [line()]).rows[0]["dossier_key"]
    content = json.dumps(STATE)
    assert read(tmp_path, reference, content, format="ndjson").rows[0]["dossier_key"] == first
    rows, path = tmp_path / "other.parquet", tmp_path / "file"
    declared = source(tmp_path, LOG, format="ndjson")
    read_log(path, "x", declared, reference, key=b"other" * 8, rows_path=rows, rejected_path=tmp_path / "r.parquet")
    assert pq.read_table(rows)["dossier_key"].to_pylist() != [first]


def objects(*changes: dict[str, object]) -> list[str]:
    return [json.dumps({**STATE, **each}, ensure_ascii=False) for each in changes]


def test_one_json_object_a_line(tmp_path, reference):
    lines = objects(
        {}, {"MucDo": 4, "LePhi": 1500000, "ThanhToan": True, "TaiLieuNop": [{"Ten": "Tuyết"}]}, {"NgayTra": None}
    )
    found = read(tmp_path, reference, "\r\n".join([*lines[:2], "", lines[2]]), format="ndjson")
    assert found.rejected == []
    assert [row["cell"] for row in found.rows] == ["L1", "L2", "L4"]
    assert [{**row, "row_no": 1, "cell": "L2"} for row in found.rows] == [ROW, ROW, ROW]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (objects({})[0][:-9], "broken_json"),
        (objects({})[0] + "Tuyết", "broken_json"),
        ("[" + objects({})[0] + "]", "not_an_object"),
        ('"Nguyễn Thị Ánh Tuyết"', "not_an_object"),
        ("{" * 50_000, "broken_json"),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, "missing_value"),
        (objects({})[0] + "\0", "nul_character"),
        (objects({"MaHoSo": {"so": "Tuyết"}})[0], "unreadable_dossier_id"),
        (objects({"TrangThaiHoSo": ["Tuyết"]})[0], "unknown_code"),
        ("{}", "missing_value"),
    ],
)
def test_a_broken_object_is_one_rejected_row(tmp_path, reference, broken, reason):
    found = read(tmp_path, reference, "\n".join([*objects({}), broken, *objects({})]), format="ndjson")
    assert [(row["cell"], row["reason_code"]) for row in found.rejected] == [("L2", reason)]
    assert len(found.rows) == 2
    assert not leaks(found.rejected)


def test_bytes_of_another_encoding_in_json(tmp_path, reference):
    content = b"\n".join([objects({})[0].encode(), b'{"ChuHoSo": "Tuy\xe9t"}', objects({})[0].encode()])
    assert read(tmp_path, reference, content, format="ndjson").reasons == [("L2", "line", "bad_encoding")]
    halves = b"\n".join([b'{"a": "\xe1', b'\xba\xbf"}', objects({})[0].encode()])
    assert len(read(tmp_path, reference, halves, format="ndjson").reasons) == 2


@pytest.mark.parametrize(
    ("fees", "expected"),
    [
        ([], None),
        (None, None),
        ([{"Gia": 5000}, {"Gia": "7000"}, {"Ten": "x"}, {"Gia": None}], 12_000),
        ([{"Gia": 5000.0}], 5_000),
        ([{"Gia": "0912345678"}], "number_too_large"),
        ([{"Gia": "năm nghìn"}], "unreadable_number"),
    ],
)
def test_the_fees_of_a_list_are_added_up(tmp_path, reference, fees, expected):
    layout = {"fields": {**LOG["layout"]["fields"], "fee_vnd": ["Phi", "[]", "Gia"], "state": ["Nay", "Ma"]}}
    content = json.dumps({**STATE, "Phi": fees, "Nay": {"Ma": 9}})
    found = read(tmp_path, reference, content, format="ndjson", layout=layout)
    assert [row["fee_vnd"] for row in found.rows] + [row["reason_code"] for row in found.rejected] == [expected]


def test_one_array_of_objects(tmp_path, reference):
    first, second = (json.dumps({**STATE, "Lan": n, "GhiChu": 'a "]}{[" \\'}, indent=1) for n in (1, 2))
    content = f'\n [ {first} ,\n{second}\n, [1]\n,{{"a" 1}}]\n'
    for chunk_bytes in (7, 100, 1_000, 2**20):
        found = read(tmp_path, reference, content, format="json", limits=replace(LOG_LIMITS, chunk_bytes=chunk_bytes))
        assert [(row["cell"], row["sequence"]) for row in found.rows] == [("L2", 1), ("L26", 2)]
        assert found.reasons == [("L50", "line", "not_an_object"), ("L51", "line", "broken_json")]


def test_rows_of_parquet_with_types_of_their_own(tmp_path, reference):
    typed = {
        **{name: [text, text] for name, text in STATE.items()},
        "MucDo": pa.array([4, None], pa.int8()),
        "LePhi": pa.array([1_500_000, 0], pa.float64()),
        "ThanhToan": pa.array([True, False]),
        "ThoiDiem": pa.array([at("2021-06-04 08:20:10")] * 2, pa.timestamp("ms", "UTC")),
        "NgayHenTra": pa.array([at("2021-06-07 17:00:00")] * 2, pa.timestamp("ns")),
        "TenTinh": pa.array(["Thanh Hóa"] * 2).dictionary_encode(),
        "GhiChu": pa.array([["Tuyết"]] * 2),
    }
    path = tmp_path / "file.parquet"
    pq.write_table(pa.table(typed), path)
    found = read_path(tmp_path, reference, path, format="parquet", layout={"date_formats": ["%d/%m/%Y %H:%M:%S"]})
    assert [{**row, "cell": "L2"} for row in found.rows] == [ROW]
    assert found.reasons == [("L2", "service_level", "missing_value")]


def test_a_text_of_parquet_that_is_no_text(tmp_path, reference):
    raw = {name: pa.array([text.encode()] * 2) for name, text in STATE.items()}
    raw["MaTTHC"] = pa.array([b"1.004194", b"Tuy\xff"])
    path = tmp_path / "file.parquet"
    pq.write_table(pa.table(raw), path)
    found = read_path(tmp_path, reference, path, format="parquet")
    assert found.reasons == [("L2", "line", "bad_encoding")]


@pytest.mark.parametrize("pack", [gzip.compress, lambda raw: pa.compress(raw, codec="zstd", asbytes=True)])
@pytest.mark.parametrize("form", ["csv", "ndjson", "json"])
def test_a_packed_log_is_known_by_its_bytes(tmp_path, reference, pack, form):
    content = {"csv": f"{HEADER}\n{line()}\n", "ndjson": objects({})[0], "json": f"[{objects({})[0]}]"}[form]
    found = read(tmp_path, reference, pack(content.encode()), format=form)
    assert [{**row, "cell": "L2"} for row in found.rows] == [ROW]


def test_two_packed_files_put_together_are_one(tmp_path, reference):
    content = gzip.compress(f"{HEADER}\n{line()}\n".encode()) + gzip.compress(f"{line()}\n".encode())
    assert len(read(tmp_path, reference, content).rows) == 2

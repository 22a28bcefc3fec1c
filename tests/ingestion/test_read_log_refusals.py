"""Of what a log says unclearly nothing is guessed: it is read right, or its row or file is refused with the reason."""

import decimal
import gzip
import io
import json
import zipfile
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion import read_log as reading
from ingestion.errors import FileFault
from ingestion.read_log import LOG_LIMITS, LogReadError
from ingestion.text import fold
from tests.ingestion.logs import HEADER, LOG, PERSONAL, STATE, leaks, line, read

GOOD = f"{HEADER}\n{line()}\n".encode()
OBJECT = json.dumps(STATE, ensure_ascii=False)


def parquet(**columns: pa.Array) -> bytes:
    file = io.BytesIO()
    table = pa.table({name: columns.get(name, pa.array([text])) for name, text in STATE.items()})
    pq.write_table(table, file)
    return file.getvalue()


@pytest.mark.parametrize("code", ["-9", "(9)", "9.", "9/", "#9", "'9", "09", "９", "⑨", "9%", '["9"]'])
def test_a_code_with_a_sign_more_is_another_code(tmp_path, reference, code):
    quoted = '"' + code.replace('"', '""') + '"'
    found = read(tmp_path, reference, [line(), line(TrangThaiHoSo=quoted)])
    assert found.reasons == [("L3", "state", "unknown_code")]


@pytest.mark.parametrize("text", ["-", "***", "?", ".", "…"])
def test_a_sign_is_no_blank_that_means_something(tmp_path, reference, text):
    assert read(tmp_path, reference, [line(KenhThucHien="")]).rows[0]["channel"] == "1"  # as `values` declares
    assert read(tmp_path, reference, [line(KenhThucHien=text)]).reasons == [("L2", "channel", "unknown_code")]


@pytest.mark.parametrize("text", ["-1", "1.", "***"])
def test_a_flag_with_a_sign_is_no_flag(tmp_path, reference, text):
    assert read(tmp_path, reference, [line(ThanhToan=text)]).reasons == [("L2", "paid_online", "unknown_flag")]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-06-07T05:00:00-05", "2021-06-07T17:00:00"),  # a zone of hours only
        ("2021-06-07T17:00+07:00", "2021-06-07T17:00:00"),
        ("2021-06-07 17:00", "2021-06-07T17:00:00"),
    ],
)
def test_a_moment_of_another_zone_is_told_in_local_time(tmp_path, reference, text, moment):
    assert read(tmp_path, reference, [line(NgayHenTra=text)]).rows[0]["due_at"].isoformat() == moment


@pytest.mark.parametrize(
    "text",
    [
        *("2021-06-07 17:00:00 UTC", "2021-06-07T17:00:00+99:99", "2021-06-07T17:00:00+15:00", "2021-06-07Z"),
        *("2021-06-07T24:00:00", "2021-06-07T17:00:60", "2021-06-07T17", "2021-06-07 BC", "infinity", "now"),
        *("0001-01-01T00:00:00", "9999-12-31T00:00:00", "31/02/2021 08:00:00", "07/06/2021", "20210607", "1623060000"),
    ],
)
def test_a_time_that_is_not_whole_or_not_possible_is_refused(tmp_path, reference, text):
    assert read(tmp_path, reference, [line(NgayHenTra=text)]).reasons == [("L2", "due_at", "unreadable_date")]


@pytest.mark.parametrize(
    ("fee", "expected"),
    [
        (pa.array([1.125]), "unreadable_number"),  # in Vietnamese figures 1.125 is a thousand and more
        (pa.array([150.5]), "unreadable_number"),
        (pa.array([float("nan")]), "unreadable_number"),
        (pa.array([1e17]), "unreadable_number"),
        (pa.array([1_500_000.0]), 1_500_000),
        (pa.array([decimal.Decimal("150.000")]), 150),
        (pa.array([decimal.Decimal("150.001")]), "unreadable_number"),
        (pa.array([decimal.Decimal("1500000.00")]), 1_500_000),
        (pa.array([2**62]), "unreadable_number"),
        (pa.array(["1.125"]), 1_125),  # a text is a printed figure, as number_locale says
    ],
)
def test_the_point_of_a_number_of_parquet_parts_no_thousands(tmp_path, reference, fee, expected):
    found = read(tmp_path, reference, parquet(LePhi=fee), format="parquet")
    assert [row["fee_vnd"] for row in found.rows] + [row["reason_code"] for row in found.rejected] == [expected]


@pytest.mark.parametrize(
    ("fee", "expected"),
    [
        ("1.125", "unreadable_number"),
        ("1500000.0", 1_500_000),
        ('"1.125"', 1_125),
        ("null", None),
        ("NaN", "unreadable_number"),
        ("-Infinity", "unreadable_number"),
        ("9" * 100_000, "unreadable_number"),
        ("true", "unreadable_number"),
        ("[5000]", "unreadable_number"),
        ('{"Gia": 5000}', "unreadable_number"),
    ],
)
def test_the_point_of_a_number_of_json_parts_no_thousands(tmp_path, reference, fee, expected):
    content = OBJECT.replace('"1.500.000"', fee)
    found = read(tmp_path, reference, content, format="ndjson")
    assert [row["fee_vnd"] for row in found.rows] + [row["reason_code"] for row in found.rejected] == [expected]


@pytest.mark.parametrize(
    "twice",
    [
        OBJECT[:-1] + ', "TrangThaiHoSo": "4"}',
        '{"MaHoSo": "H56-1", ' + OBJECT[1:],
        OBJECT[:-1] + ', "Tr\\u0061ngThaiHoSo": "9"}',
    ],
)
def test_a_key_that_is_read_twice_refuses_its_object_and_no_other(tmp_path, reference, twice):
    found = read(tmp_path, reference, "\n".join([OBJECT, twice, "{", OBJECT]), format="ndjson")
    assert found.reasons == [("L2", "line", "repeated_key"), ("L3", "line", "broken_json")]
    assert not leaks(found.rejected, personal=[*PERSONAL, "H56-1"])
    harmless = OBJECT[:-1] + ', "GhiChu": "Tuyết", "x": {"MaHoSo": 1, "MaHoSo": 2}}'
    assert len(read(tmp_path, reference, harmless, format="ndjson").rows) == 1


def test_a_key_within_a_structure_is_not_read_twice(tmp_path, reference):
    layout = {"fields": {**LOG["layout"]["fields"], "state": ["Nay", "Ma"]}}
    content = "\n".join(OBJECT[:-1] + f', "Nay": {nay}}}' for nay in ('{"Ma": 9}', '{"Ma": 9, "Ma": 4}', "9", "null"))
    found = read(tmp_path, reference, content, format="ndjson", layout=layout)
    assert len(found.rows) == 1
    assert found.reasons == [
        ("L2", "line", "repeated_key"),
        ("L3", "state", "missing_value"),
        ("L4", "state", "missing_value"),
    ]


@pytest.mark.parametrize("column", ["TrangThaiHoSo", "KenhThucHien", "TenTinh", "ThanhToan"])
def test_a_list_is_no_value_even_of_one_member(tmp_path, reference, column):
    content = json.dumps({**STATE, column: [STATE[column]]}, ensure_ascii=False)
    found = read(tmp_path, reference, content, format="ndjson")
    assert [row["raw_value"] for row in found.rejected] == ["***"]


@pytest.mark.parametrize("second", ["MaHoSo", "ma ho so", "MÃ HỒ SƠ"])
def test_a_column_of_parquet_that_is_there_twice_is_not_chosen(tmp_path, reference, second):
    table = pa.table({name: [text] for name, text in STATE.items()})
    table = pa.Table.from_arrays([*table.columns, pa.array(["H56-9"])], names=[*table.column_names, second])
    file = io.BytesIO()
    pq.write_table(table, file)
    with pytest.raises(FileFault, match="column MaHoSo occurs twice"):
        read(tmp_path, reference, file.getvalue(), format="parquet")


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("log.csv", GOOD)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "changes", "said"),
    [
        (GOOD.replace(b",", b";"), {}, "separated by “;”, the declared delimiter is “,”"),
        (GOOD.replace(b",", b"\t"), {}, "separated by “tab”, the declared delimiter is “,”"),
        (GOOD.replace(b"\n", b"\r"), {}, "lines end with CR alone"),
        (GOOD.decode().encode("utf-16-le"), {}, "may be UTF-16"),
        (GOOD, {"encoding": "utf-16"}, "mark of utf-16"),
        (f"[{OBJECT}]".encode("utf-16"), {"format": "json"}, "UTF-16"),
        (b",".join(b"c%d" % n for n in range(5_000)) + b"\n" + GOOD, {}, "5,000 columns, the limit is 500"),
        (zipped(), {}, "it is zip/xlsx"),
        (gzip.compress(GOOD, mtime=0) + b"\0" * 512, {}, "damaged"),
        (b"[" * 1_000_000, {"format": "json"}, "near line 1"),
    ],
)
def test_the_sentence_says_what_is_wrong_with_the_file(tmp_path, reference, content, changes, said):
    with pytest.raises(FileFault) as raised:
        read(tmp_path, reference, content, **changes)
    assert said in raised.value.reason_en
    assert len(raised.value.reason_vi) > 40


@pytest.mark.parametrize(
    "content",
    [GOOD, b"\xef\xbb\xbf" + GOOD, GOOD.replace(b"\n", b"\r\n"), GOOD.replace(b"GhiChu", b"x'); drop table t; --")],
)
def test_marks_and_line_ends_of_other_systems_and_sql_in_a_header_change_nothing(tmp_path, reference, content):
    assert [row["state"] for row in read(tmp_path, reference, content).rows] == ["9"]


def test_nesting_of_any_depth_is_read_or_refused(tmp_path, reference):
    deep = {depth: '{"x": ' + "[" * depth + "]" * depth + ", " + OBJECT[1:] for depth in (100_000, 1_000_000)}
    content = "\n".join([*deep.values(), '{"a":' * 100_000, OBJECT])
    found = read(tmp_path, reference, content, format="ndjson")
    assert [row["cell"] for row in found.rows] == ["L1", "L4"]
    assert found.reasons == [("L2", "line", "line_too_long"), ("L3", "line", "broken_json")]
    assert len(read(tmp_path, reference, f"[{content.partition(chr(10))[0]}]", format="json").rows) == 1


def test_formulas_are_no_values(tmp_path, reference):
    formula = "=cmd|'/C calc'!A0"
    found = read(tmp_path, reference, [line(**{column: formula}) for column in LOG["layout"]["fields"].values()])
    assert found.rows == []
    assert not leaks(found.rejected, personal=["cmd"])


def test_no_error_of_ours_says_more_than_its_kind_and_place(tmp_path, reference, monkeypatch):
    for error in (KeyError(PERSONAL[0]), ValueError(PERSONAL[0]), UnicodeDecodeError("utf-8", b"Tuy", 0, 1, "Tuyết")):

        def fail(*_: object, error: Exception = error) -> None:
            raise error from RuntimeError(PERSONAL[0])

        monkeypatch.setattr(reading, "with_values", fail)
        with pytest.raises(LogReadError) as raised:
            read(tmp_path, reference, GOOD)
        assert type(error).__name__ in str(raised.value)
        assert "read_log.py:" in str(raised.value)
        assert (raised.value.__context__, raised.value.__cause__) == (None, None)
        assert not leaks(str(raised.value))


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_a_long_text_is_looked_at_by_nobody(tmp_path, reference, form):
    """The texts of columns that are not read may be of any length."""
    rows = [
        {**STATE, "GhiChu": "x" * 9_000},
        {**STATE, "MaHoSo": "X1" * 501},
        {**STATE, "TenTinh": "Tuyết" * 200},
        STATE,
    ]
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file)
    content = {
        "csv": "\n".join([HEADER, *(line(**row) for row in rows)]),
        "ndjson": "\n".join(map(json.dumps, rows)),
        "parquet": file.getvalue(),
    }[form]
    before = fold.cache_info().misses
    found = read(tmp_path, reference, content, format=form)
    first = 2 if form == "csv" else 1
    assert found.reasons == [(f"L{first + number}", "line", "text_too_long") for number in (1, 2)]
    assert [row["cell"] for row in found.rows] == [f"L{first}", f"L{first + 3}"]
    assert fold.cache_info().misses - before < 100
    assert not leaks(found.rejected)


def test_long_lines_are_understood_few_at_a_time(tmp_path, reference, monkeypatch):
    sizes = []
    settle = reading._Log._settle
    monkeypatch.setattr(
        reading._Log, "_settle", lambda self, table, *rest: (sizes.append(table.nbytes), settle(self, table, *rest))
    )
    limits = replace(LOG_LIMITS, chunk_bytes=4_000)
    found = read(tmp_path, reference, [line(MaHoSo="x" * 900) for _ in range(100)], limits=limits)
    assert {reason for *_, reason in found.reasons} == {"unreadable_dossier_id"}
    assert max(sizes) < 20_000

"""Workbooks of known truth, their layout drawn at random: each cell is read exactly, or the file or row is refused."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.errors import FileFault
from ingestion.read import read_file
from tests.ingestion.sheets import WIDE, source, workbook

NAMES = {"Hà Nội": "P63-01", "TP. Hồ Chí Minh": "P63-79", "Huế": "P63-46", "VĨNH PHÚC": "P63-26", "Bắc Cạn": "P63-06"}
INDICATORS = ["tel_mobile_sub", "tel_fixed_sub", "tel_bb_fixed_sub"]
LABELS = dict(zip(INDICATORS, ["Thuê bao  di động", "THUÊ BAO CỐ ĐỊNH", "Thue bao BRCD"], strict=True))


def written(value: int, style: str) -> object:
    """A count as a number, as Vietnamese text, or as a text that contradicts the locale."""
    return {"number": value, "text": f"{value:,}".replace(",", "."), "english": f"{value:,}.5", "float": float(value)}[
        style
    ]


@st.composite
def sheets(draw):
    provinces = draw(st.lists(st.sampled_from(sorted(NAMES)), min_size=1, unique=True))
    indicators = draw(st.permutations(INDICATORS))
    styles = st.sampled_from(["number", "text", "float", "english"])
    truth = {(name, code): (draw(st.integers(1000, 10**9)), draw(styles)) for name in provinces for code in indicators}
    header = ["TT", "Tỉnh/TP", *(LABELS[code] for code in indicators)]
    body = [[n, name, *(written(*truth[name, code]) for code in indicators)] for n, name in enumerate(provinces)]
    total = [None, "Tổng cộng", *(5 for _ in indicators)]
    body.insert(draw(st.sampled_from([0, len(body)])), total)
    blank = [[] for _ in range(draw(st.integers(0, 3)))]
    order = draw(st.permutations(range(len(header))))
    grid = [[row[column] for column in order] for row in [header, *body]]
    # A signature stands left of the figures, if anything does.
    end = [["Người lập biểu"], [None, "Nguyễn Văn A"]] if order[0] < 2 and draw(st.booleans()) else []
    return truth, [["Tháng 9 năm 2022"], *blank, [None, "ĐVT: thuê bao"], *blank, *grid, *blank, *end]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=sheets())
def test_every_cell_is_read_right_or_refused(reference, drawn):
    truth, rows = drawn
    layout = {"measures": [{"column": LABELS[code].title(), "indicator_code": code} for code in INDICATORS]}
    with TemporaryDirectory() as folder:
        result = read_file(workbook(Path(folder), rows), "a.xlsx", source(Path(folder), WIDE, layout=layout), reference)
    read = {(row["province_id"], row["indicator_code"]): row["value"] for row in result.rows.to_pylist()}
    assert read == {
        (NAMES[name], code): Decimal(value) for (name, code), (value, style) in truth.items() if style != "english"
    }
    assert result.rejected.num_rows == sum(style == "english" for _, style in truth.values())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=sheets(), data=st.data())
def test_a_workbook_with_one_header_changed_is_refused_as_a_whole(reference, drawn, data):
    _, rows = drawn
    header = next(row for row in rows if "Tỉnh/TP" in row)
    changed = data.draw(st.sampled_from(range(len(header))))
    header[changed] = "Thuê bao vệ tinh"
    layout = {"measures": [{"column": LABELS[code], "indicator_code": code} for code in INDICATORS]}
    with TemporaryDirectory() as folder:
        try:
            read_file(workbook(Path(folder), rows), "a.xlsx", source(Path(folder), WIDE, layout=layout), reference)
        except FileFault as fault:
            assert fault.reason_code in ("column_not_found", "unexpected_column")
        else:
            raise AssertionError("read in silence")

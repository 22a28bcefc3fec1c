"""Cells that differ in their figures alone are judged once: a row must read among others as it does alone."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.read import ReadResult, read_file
from tests.ingestion.sheets import LONG, WIDE, WIDE_ROWS, column, source, workbook

PLACES = ["Hà Nội", "Huế", "Ha Noi", "Huế*", "Gotham", "Tổng cộng", "Cả nước", None, 1, True]
UNITS = ["thuê bao", "nghìn thuê bao", "trạm", "con"]
FIGURES = [
    0, -0.0, 1, 7.0, 7.5, -2.25, 1 / 3, 0.1 + 0.2, 1e-5, 123456.7891, 999999999999999.0, 1e15, 1e18, True, None, "7",
    "7,5", "7.5", "1.234", "...", "-", "7*", "hơn 7", "trên 7 nghìn", "5 đến 7", "ghi sau", date(2022, 9, 1),
]  # fmt: skip
LAYOUT = {
    "unit": {"from": "column", "column": "ĐVT"},
    "footnotes": {"*": "P"},
    "figures": "worded",
    "end_labels": None,
    "measures": [
        {"column": "Di động", "indicator_code": "tel_mobile_sub"},
        {"column": "Trạm 4G", "indicator_code": "tel_fixed_sub", "figures": "plain"},
    ],
}
ROWS = st.tuples(
    st.just(None), st.sampled_from(PLACES), st.sampled_from(FIGURES), st.sampled_from(FIGURES), st.sampled_from(UNITS)
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, min_size=2, max_size=7))
def test_a_row_reads_among_others_as_it_does_alone(reference, rows):
    def read(folder: Path, shown: list[tuple]) -> ReadResult:
        # A province at the end, so that there always is something to read.
        sheet = [WIDE_ROWS[0], [*WIDE_ROWS[2], "ĐVT"], *shown, (None, "Huế", 1, 1, "thuê bao")]
        return read_file(workbook(folder, sheet), "file.xlsx", source(folder, WIDE, layout=LAYOUT), reference)

    def told(result: ReadResult) -> list[dict]:
        found = [*result.rows.to_pylist(), *result.rejected.to_pylist()]
        return sorted(({**row, "row_no": 0} for row in found), key=lambda row: row["cell"])

    with TemporaryDirectory() as folder:
        together = read(Path(folder), rows)
        numbers = [*column(together.rows, "row_no"), *column(together.rejected, "row_no")]
        assert sorted(numbers) == list(range(1, together.rows_read + 1))
        for at in range(len(rows)):
            blank = (None,) * 5
            alone = read(Path(folder), [each if number == at else blank for number, each in enumerate(rows)])
            here = [row for row in told(together) if row["cell"][1:] == str(at + 3)]
            assert [row for row in told(alone) if row["cell"][1:] == str(at + 3)] == here


def test_a_province_on_many_rows_has_each_figure_with_its_own_address_and_number(tmp_path, reference):
    rows = [[number, "Hà Nội", number, f"{number}.000"] for number in range(1, 6)]
    path = workbook(tmp_path, [*WIDE_ROWS[:3], *rows])
    result = read_file(path, "file.xlsx", source(tmp_path, WIDE), reference)
    assert column(result.rows, "row_no", "cell", "value_text", "value", "decimals") == [
        each
        for number in range(1, 6)
        for each in [
            (2 * number - 1, f"C{number + 3}", str(number), number, 0),
            (2 * number, f"D{number + 3}", f"{number}.000", 1000 * number, 0),
        ]
    ]
    assert set(column(result.rows, "province_id")) == {"P63-01"}


def test_the_last_column_of_a_workbook_may_be_the_upper_ends_of_ranges_that_no_row_has(tmp_path, reference):
    header = ["place", "indicator", "breakdown", "value", "unit", "period", "kind", "upper"]
    row = ["Hà Nội", "dti_rank", "total", 5, "rank", 2022, "observation"]
    columns = {**LONG["layout"]["columns"], "value_upper": "upper"}
    declared = source(tmp_path, LONG, layout={"columns": columns}, format="xlsx")
    result = read_file(workbook(tmp_path, [header, row]), "file.xlsx", declared, reference)
    assert column(result.rows, "value", "value_upper") == [(5, None)]

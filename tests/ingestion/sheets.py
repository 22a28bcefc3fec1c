"""Small workbooks and sources written by the tests of reading."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import xlsxwriter
import yaml

from ingestion.read import ReadResult, read_file
from ingestion.reference import Reference
from ingestion.source import Source, load_source

CREATED = datetime(2022, 1, 1, tzinfo=UTC)  # the same workbook has the same bytes whenever it is written

# The smallest operator: one header row, two measures.
WIDE: Mapping[str, Any] = {
    "source_id": "thu",
    "publisher": "Thử",
    "title": "Thử",
    "shape": "subscribers",
    "format": "xlsx",
    "rank": 40,
    "frequency": "month",
    "boundary_set": "by_period",
    "number_locale": "vi",
    "layout": {
        "header_rows": 1,
        "period": {"from": "cell", "patterns": ["Tháng {month} năm {year}"], "expect": "month"},
        "unit": {"from": "cell", "patterns": ["ĐVT: {unit}"]},
        "places": [{"column": "Tỉnh/TP", "scheme": "name"}],
        "totals": "skip",
        "skip_rows": ["region", "statistic"],
        "end_labels": ["Người lập biểu"],
        "ignore_columns": ["TT"],
        "blank_cells": "missing",
        "missing_tokens": {"...": "L", "-": "M"},
        "basis": "point",
        "constants": {"operator": "itel"},
        "measures": [
            {"column": "Di động", "indicator_code": "tel_mobile_sub"},
            {
                "column": "Trạm 4G",
                "indicator_code": "tel_bts_station",
                "breakdown": {"technology": "4g"},
                "unit": "trạm",
            },
        ],
    },
}
WIDE_ROWS: Sequence[Sequence[Any]] = [
    ["Tháng 9 năm 2022"],
    [None, None, None, "ĐVT: thuê bao"],
    ["TT", "Tỉnh/TP", "Di động", "Trạm 4G"],
    [1, "Hà Nội", 1000, 20],
    [2, "Huế", "1.778.489", "..."],
    [None, "Tổng cộng", 1779489, 20],
    [None, "Người lập biểu"],
]

# The smallest indicator sheet: one row a fact.
LONG: Mapping[str, Any] = {
    **{key: WIDE[key] for key in ("source_id", "publisher", "title", "rank", "frequency", "boundary_set")},
    "shape": "indicators",
    "format": "csv",
    "number_locale": "en",
    "layout": {
        "header_rows": 1,
        "period": {"from": "column", "column": "period"},
        "unit": {"from": "column", "column": "unit"},
        "places": [{"column": "place", "scheme": "name"}],
        "totals": "country",
        "blank_cells": "reject",
        "basis": "period",
        "columns": {"indicator_code": "indicator", "value": "value", "breakdown": "breakdown", "kind": "kind"},
        "kinds": {"observation": "observation", "target": "target"},
    },
}
LONG_HEADER = "place,indicator,breakdown,value,unit,period,kind"


def source(folder: Path, base: Mapping[str, Any], layout: Mapping[str, Any] | None = None, **changes: Any) -> Source:
    """The base source with other fields, and other fields of its layout; a field set to None is left out."""
    raw = deepcopy(dict(base))
    raw["layout"] = {key: value for key, value in {**raw["layout"], **(layout or {})}.items() if value is not None}
    raw = {key: value for key, value in {**raw, **changes}.items() if value is not None}
    path = folder / f"{raw['source_id']}.yml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return load_source(path)


def workbook(
    folder: Path,
    rows: Sequence[Sequence[Any]] = WIDE_ROWS,
    name: str = "Sheet1",
    merges: Sequence[str] = (),
    hidden: Mapping[str, Sequence[Sequence[Any]]] | None = None,
) -> Path:
    """A workbook of one sheet with these rows, merged ranges (`A1:B1`, value of its first cell), and hidden sheets."""
    path = folder / "file.xlsx"
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        book.set_properties({"created": CREATED})
        for title, content in {name: rows, **(hidden or {})}.items():
            page = book.add_worksheet(title)
            for number, row in enumerate(content):
                for column, value in enumerate(row):
                    if value is not None:
                        page.write(number, column, value)
            if title != name:
                page.hide()
                continue
            for merge in merges:
                page.merge_range(merge, None)
                first, (row_no, column_no) = merge.split(":")[0], _place(merge.split(":")[0])
                page.write(first, content[row_no][column_no])
    return path


def _place(address: str) -> tuple[int, int]:
    return int(address[1:]) - 1, ord(address[0]) - 65


def text_file(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "file.csv"
    path.write_bytes("\r\n".join([*lines, ""]).encode(encoding))
    return path


def read_wide(
    folder: Path, reference: Reference, rows: Sequence[Sequence[Any]] = WIDE_ROWS, **changes: Any
) -> ReadResult:
    return read_file(workbook(folder, rows), "file.xlsx", source(folder, WIDE, **changes), reference)


def read_long(folder: Path, reference: Reference, *lines: str, **changes: Any) -> ReadResult:
    path = text_file(folder, LONG_HEADER, *lines)
    return read_file(path, "file.csv", source(folder, LONG, **changes), reference)


def column(table: pa.Table, *names: str) -> list[Any]:
    """The values of one column, or tuples of several."""
    rows = table.to_pylist()
    return [row[names[0]] if len(names) == 1 else tuple(row[name] for name in names) for row in rows]

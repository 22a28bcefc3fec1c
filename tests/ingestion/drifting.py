"""Workbooks and text files of one invented operator, with known values, for the tests of drift."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

from tests.ingestion.sheets import CREATED, WIDE

PLACES = (
    ("Hà Nội", "P63-01"), ("Yên Bái", "P63-15"), ("Cao Bằng", "P63-04"), ("Bắc Kạn", "P63-06"),
    ("Lào Cai", "P63-10"), ("Vĩnh Phúc", "P63-26"), ("Thanh Hóa", "P63-38"), ("Nghệ An", "P63-40"),
    ("Đắk Lắk", "P63-66"), ("Cần Thơ", "P63-92"),
)  # fmt: skip
GSO_CODES = ("01", "15", "04", "06", "10", "26", "38", "40", "66", "92")
VNPT_CODES = ("HNI", "YBI", "CBG", "BKN", "LCI", "VPC", "THA", "NAN", "DLK", "CTO")

# Column key -> (labels from the top, indicator and breakdown)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "tt": ("TT",),
    "place": ("Tỉnh/TP",),
    "mobile": ("Thuê bao di động", "Tổng số"),
    "prepaid": ("Thuê bao di động", "Trả trước"),
    "postpaid": ("Thuê bao di động", "Trả sau"),
    "fixed": ("Thuê bao BRCĐ",),
    "smart": ("Thuê bao smartphone (thuê bao)",),
    "bts": ("Trạm BTS 4G",),
    "note": ("Ghi chú",),
}
MEANING = {
    "mobile": ("tel_mobile_sub", "operator:itel"),
    "prepaid": ("tel_mobile_sub", "contract:prepaid;operator:itel"),
    "postpaid": ("tel_mobile_sub", "contract:postpaid;operator:itel"),
    "fixed": ("tel_bb_fixed_sub", "operator:itel"),
    "smart": ("tel_mobile_smart_sub", "operator:itel"),
    "bts": ("tel_bts_station", "operator:itel;technology:4g"),
}
LAYOUT: Mapping[str, Any] = {
    "sheet": "Thuê bao",
    "header_rows": 2,
    "period": {"from": "cell", "patterns": ["Tháng {month} năm {year}"], "expect": "month"},
    "unit": {"from": "cell", "patterns": ["ĐVT: {unit}"]},
    "places": [{"column": "Tỉnh/TP", "scheme": "name"}],
    "totals": "skip",
    "skip_rows": ["region", "statistic"],
    "end_labels": ["Người lập biểu"],
    "ignore_columns": ["TT", "Ghi chú"],
    "blank_cells": "missing",
    "missing_tokens": {"...": "L"},
    "basis": "point",
    "constants": {"operator": "itel"},
    "measures": [
        {"column": ["Thuê bao di động", "Tổng số"], "indicator_code": "tel_mobile_sub"},
        {
            "column": ["Thuê bao di động", "Trả trước"],
            "indicator_code": "tel_mobile_sub",
            "breakdown": {"contract": "prepaid"},
        },
        {
            "column": ["Thuê bao di động", "Trả sau"],
            "indicator_code": "tel_mobile_sub",
            "breakdown": {"contract": "postpaid"},
        },
        {"column": "Thuê bao BRCĐ", "indicator_code": "tel_bb_fixed_sub"},
        {"column": "Thuê bao smartphone (thuê bao)", "indicator_code": "tel_mobile_smart_sub"},
        {
            "column": "Trạm BTS 4G",
            "indicator_code": "tel_bts_station",
            "breakdown": {"technology": "4g"},
            "unit": "trạm",
        },
    ],
}
SOURCE: Mapping[str, Any] = {**deepcopy(dict(WIDE)), "layout": LAYOUT}


def value(key: str, row: int, month: int) -> int:
    """The truth: a number of thousands and a rest, other for each column, place and month."""
    return (list(MEANING).index(key) + 1) * 1_000_000 + (row + 1) * 10_000 + month * 100 + row


def truth(month: int, *, without: Sequence[str] = (), year: int = 2022, period: str = "") -> dict[tuple[str, ...], int]:
    """Province, indicator, breakdown, period -> value in the base unit."""
    return {
        (PLACES[row][1], *MEANING[key], period or f"{year}-{month:02d}"): value(key, row, month)
        for key in MEANING
        if key not in without
        for row in range(len(PLACES))
    }


@dataclass(frozen=True)
class Sheet:
    """One month's sheet: what a test changes is one field."""

    month: int = 9
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(COLUMNS))
    cells: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    titles: Sequence[Sequence[Any]] = ()
    places: Sequence[str] = tuple(name for name, _ in PLACES)
    order: Sequence[int] = tuple(range(len(PLACES)))
    header_rows: int = 2
    total_first: bool = False
    name: str = "Thuê bao"
    others: Mapping[str, Sequence[Sequence[Any]]] = field(default_factory=dict)
    thousands: Sequence[str] = ()
    group: Mapping[str, str] = field(default_factory=dict)

    def head(self) -> list[list[Any]]:
        """Title rows."""
        standard = [["TẬP ĐOÀN THỬ NGHIỆM"], [f"Tháng {self.month} năm 2022"], [None] * 5 + ["ĐVT: thuê bao"]]
        return [list(row) for row in self.titles] or standard

    def of_column(self, key: str) -> list[Any]:
        """The figures of one column, by place."""
        if key in self.cells:
            return list(self.cells[key])
        if key == "tt":
            return list(range(1, len(PLACES) + 1))
        if key == "place":
            return list(self.places)
        if key not in MEANING:
            return [None] * len(PLACES)
        return [value(key, row, self.month) / (1000 if key in self.thousands else 1) for row in range(len(PLACES))]

    def labels(self) -> list[list[Any]]:
        """The header rows, cells under a merged range blank."""
        rows: list[list[Any]] = [[None] * len(self.columns) for _ in range(self.header_rows)]
        for number, labels in enumerate(self.columns.values()):
            for depth, label in enumerate(labels):
                rows[depth][number] = label
        return rows

    def merges(self) -> list[tuple[int, int, int, int]]:
        """Ranges of the header: equal labels beside each other, and the last label down to the last row."""
        top, found, keys = len(self.head()), [], list(self.columns.values())
        for number, labels in enumerate(keys):
            if labels and len(labels) < self.header_rows:
                found.append((top + len(labels) - 1, number, top + self.header_rows - 1, number))
        for depth in range(self.header_rows - 1):
            start = 0
            while start < len(keys):
                end = start
                while (
                    end + 1 < len(keys)
                    and len(keys[end + 1]) > depth + 1
                    and keys[end + 1][: depth + 1] == keys[start][: depth + 1]
                ):
                    end += 1
                if end > start and len(keys[start]) > depth + 1:
                    found.append((top + depth, start, top + depth, end))
                start = end + 1
        return found

    def data(self) -> list[list[Any]]:
        """Rows of places with a row of totals."""
        figures = {key: self.of_column(key) for key in self.columns}
        rows = [[figures[key][row] for key in self.columns] for row in self.order]
        total = ["Tổng cộng" if key == "place" else 1 if key in MEANING else None for key in self.columns]
        return [total, *rows] if self.total_first else [*rows, total]

    def rows(self) -> list[list[Any]]:
        """The whole sheet."""
        return [*self.head(), *self.labels(), *self.data(), [], [None, "Người lập biểu"]]


def write(folder: Path, sheet: Sheet, file_name: str) -> Path:
    """The workbook of a sheet."""
    path = folder / file_name
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        book.set_properties({"created": CREATED})
        pages = {sheet.name: sheet.rows(), **sheet.others}
        for name, rows in pages.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell is not None:
                        page.write(number, column, cell)
            for first_row, first, last_row, last in sheet.merges() if name == sheet.name else ():
                page.merge_range(first_row, first, last_row, last, "")
                page.write(first_row, first, rows[first_row][first])
    return path


def reordered(*keys: str) -> dict[str, tuple[str, ...]]:
    """The columns in another order."""
    return {key: COLUMNS[key] for key in keys}


def relabelled(**labels: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The columns with other labels."""
    return {**COLUMNS, **labels}


def inserted(after: str, key: str, *labels: str) -> dict[str, tuple[str, ...]]:
    """The columns with one more after another."""
    found = {}
    for name, own in COLUMNS.items():
        found[name] = own
        if name == after:
            found[key] = labels
    return found


def without(*keys: str) -> dict[str, tuple[str, ...]]:
    """The columns without some."""
    return {key: labels for key, labels in COLUMNS.items() if key not in keys}


def numbers(form: str, month: int = 10) -> dict[str, list[str]]:
    """Every column of figures as texts: `vi` 1.234.567,5 or `en`."""

    def text(number: int) -> str:
        printed = f"{number:,}"
        return printed.replace(",", ".") if form == "vi" else printed

    return {key: [text(value(key, row, month)) for row in range(len(PLACES))] for key in MEANING}

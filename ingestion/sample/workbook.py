"""The monthly workbook of an operator, with synthetic figures: the same bytes every time.

Sheet `Thuê bao`: operator in A1, title in A2, month in A3, note in A4 and unit at the right of row 4, two header rows
(5 and 6, merged), one row per province from row 7, one total row, two signature lines. Subscriptions in the sheet's
unit, stations always one by one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from ingestion.sample.figures import MEASURES, Province, figures, provinces

SHEET = "Thuê bao"
TITLE = "BÁO CÁO SỐ LIỆU PHÁT TRIỂN THUÊ BAO (SỐ LIỆU MÔ PHỎNG)"
NOTE = "Ghi chú: số liệu mô phỏng để chạy thử, tạo bằng công thức; không phải số liệu của doanh nghiệp."
TOTAL_LABEL = "Tổng cộng"
FIRST_HEADER_ROW, SECOND_HEADER_ROW, FIRST_ROW = 5, 6, 7
CREATED = datetime(2022, 1, 1, tzinfo=UTC)  # a fixed date: the same workbook has the same bytes on every day

# (measure or fixed column, group over it or "", title), in the order of the sheet
COLUMNS = (
    ("row_number", "", "TT"),
    ("code", "", "Mã tỉnh"),
    ("name", "", "Tỉnh/TP"),
    ("fixed", "", "Thuê bao ĐTCĐ"),
    ("mobile", "Thuê bao di động", "Tổng số"),
    ("prepaid", "Thuê bao di động", "Trả trước"),
    ("postpaid", "Thuê bao di động", "Trả sau"),
    ("smartphone", "", "Thuê bao smartphone"),
    ("fixed_broadband", "", "Thuê bao BRCĐ"),
    ("mobile_broadband", "", "Thuê bao BRDĐ"),
    ("bts_2g", "Số trạm BTS", "2G"),
    ("bts_3g", "Số trạm BTS", "3G"),
    ("bts_4g", "Số trạm BTS", "4G"),
    ("bts_5g", "Số trạm BTS", "5G"),
    ("note", "", "Ghi chú"),
)

LETTERS = "ABCDEFGHIJKLMNO"

CellValue = str | int
FiguresOf = Callable[[str, Province, int, int], dict[str, int]]


@dataclass(frozen=True)
class Layout:
    """How one operator fills the common form.

    Attributes:
        operator: Source id of the operator.
        title: The line in A1.
        code_field: Field of `Province` in the column `Mã tỉnh`; empty where the column stays blank.
        name_field: Field of `Province` in the column `Tỉnh/TP`.
        unit: Unit printed above the table, for subscriptions.
        left_out: Columns the operator does not report.
        is_total_first: The total row stands above the provinces, not below them.
        is_in_thousands: Subscriptions are text in thousands with a Vietnamese decimal comma (`1.234,567`).
    """

    operator: str
    title: str
    code_field: str = ""
    name_field: str = "name_vi"
    unit: str = "thuê bao"
    left_out: frozenset[str] = frozenset()
    is_total_first: bool = False
    is_in_thousands: bool = False

    @property
    def columns(self) -> tuple[tuple[str, str, str], ...]:
        """Return the columns of this operator's sheet from A on."""
        return tuple(column for column in COLUMNS if column[0] not in self.left_out)

    @property
    def first_province_row(self) -> int:
        """Return the sheet row of the first province."""
        return FIRST_ROW + 1 if self.is_total_first else FIRST_ROW


LAYOUTS = {
    layout.operator: layout
    for layout in (
        Layout("viettel", "TẬP ĐOÀN CÔNG NGHIỆP - VIỄN THÔNG QUÂN ĐỘI (VIETTEL)", code_field="viettel_code"),
        Layout("vnpt", "TẬP ĐOÀN BƯU CHÍNH VIỄN THÔNG VIỆT NAM (VNPT)", code_field="vnpt_code", is_total_first=True),
        Layout(
            "mobifone",
            "TỔNG CÔNG TY VIỄN THÔNG MOBIFONE",
            name_field="mobifone_name",
            unit="nghìn thuê bao",
            left_out=frozenset({"fixed", "fixed_broadband"}),
            is_in_thousands=True,
        ),
    )
}


def operator_workbook(
    operator: str,
    year: int,
    month: int,
    sheet: str = SHEET,
    changes: Mapping[str, CellValue] | None = None,
    figures_of: FiguresOf = figures,
) -> bytes:
    """Return the bytes of one operator's workbook of one month, the same for the same arguments.

    Args:
        operator: A key of `LAYOUTS`.
        year: Year of the report.
        month: Month of the report, 1 to 12.
        sheet: Name of the only sheet.
        changes: Values that replace province cells by address (`C40`); a changed cell does not change the total row.
        figures_of: Where the figures come from.
    """
    layout = LAYOUTS[operator]
    buffer = BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties(
        {
            "title": f"SỐ LIỆU MÔ PHỎNG - {operator} {year}-{month:02}",
            "subject": "SỐ LIỆU MÔ PHỎNG (synthetic figures)",
            "author": "sotinh sample",
            "comments": f"{NOTE} Synthetic figures made by a formula, not figures of the operator.",
            "created": CREATED,
        }
    )
    page = workbook.add_worksheet(sheet)
    styles = _styles(workbook)
    _write_head(page, styles, layout, year, month)
    _write_header(page, styles, layout)
    every = [figures_of(operator, province, year, month) for province in provinces()]
    cells = _province_cells(layout, every) | dict(changes or {}) | _total_cells(layout, every)
    for address, value in cells.items():
        page.write(address, value, styles["number" if isinstance(value, int) else _text_style(layout, address)])
    _write_signatures(page, styles, layout)
    workbook.close()
    return buffer.getvalue()


def column_letter(layout: Layout, column: str) -> str:
    """Return the letter of a column (`mobile`) in this operator's sheet."""
    return LETTERS[[name for name, _, _ in layout.columns].index(column)]


def printed(layout: Layout, measure: str, value: int) -> CellValue:
    """Return a figure as this operator prints it: a whole number, or thousands as text (1234567 -> `1.234,567`)."""
    if not layout.is_in_thousands or measure.startswith("bts_"):
        return value
    return f"{value // 1000:,}".replace(",", ".") + f",{value % 1000:03}"


def _province_cells(layout: Layout, every: Sequence[Mapping[str, int]]) -> dict[str, CellValue]:
    cells: dict[str, CellValue] = {}
    for index, (province, values) in enumerate(zip(provinces(), every, strict=True)):
        row = layout.first_province_row + index
        code = str(getattr(province, layout.code_field)) if layout.code_field else ""
        name = str(getattr(province, layout.name_field))
        texts: dict[str, CellValue] = {"row_number": index + 1, "code": code, "name": name, "note": ""}
        for column, _, _ in layout.columns:
            value = printed(layout, column, values[column]) if column in values else texts[column]
            cells[f"{column_letter(layout, column)}{row}"] = value
    return cells


def _total_cells(layout: Layout, every: Sequence[Mapping[str, int]]) -> dict[str, CellValue]:
    row = FIRST_ROW if layout.is_total_first else FIRST_ROW + len(provinces())
    reported = [column for column, _, _ in layout.columns if column in MEASURES]
    sums = {column: printed(layout, column, sum(values[column] for values in every)) for column in reported}
    cells: dict[str, CellValue] = {"row_number": "", "code": "", "name": TOTAL_LABEL, **sums, "note": ""}
    return {f"{column_letter(layout, column)}{row}": value for column, value in cells.items()}


def _text_style(layout: Layout, address: str) -> str:
    column = layout.columns[LETTERS.index(address.rstrip("0123456789"))][0]
    return "number_text" if column in MEASURES else "text"


def _styles(workbook: Any) -> dict[str, Any]:
    return {
        "bold": workbook.add_format({"bold": True}),
        "title": workbook.add_format({"bold": True, "align": "center", "font_size": 13}),
        "month": workbook.add_format({"italic": True, "align": "center"}),
        "note": workbook.add_format({"italic": True, "font_color": "#C00000"}),
        "unit": workbook.add_format({"italic": True, "align": "right"}),
        "header": workbook.add_format(
            {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1}
        ),
        "text": workbook.add_format({"border": 1}),
        "number": workbook.add_format({"border": 1, "num_format": "#,##0"}),
        "number_text": workbook.add_format({"border": 1, "align": "right"}),
    }


def _write_head(page: Any, styles: Mapping[str, Any], layout: Layout, year: int, month: int) -> None:
    last = len(layout.columns) - 1
    page.write("A1", layout.title, styles["bold"])
    page.merge_range(1, 0, 1, last, TITLE, styles["title"])
    page.merge_range(2, 0, 2, last, f"Tháng {month} năm {year}", styles["month"])
    page.write("A4", NOTE, styles["note"])
    page.write(3, last, f"ĐVT: {layout.unit}", styles["unit"])
    page.set_column(0, 1, 7)
    page.set_column(2, 2, 20)
    page.set_column(3, last, 12)
    page.freeze_panes(SECOND_HEADER_ROW, 3)


def _write_header(page: Any, styles: Mapping[str, Any], layout: Layout) -> None:
    top, bottom = FIRST_HEADER_ROW - 1, SECOND_HEADER_ROW - 1
    groups = [group for _, group, _ in layout.columns]
    for index, (_, group, title) in enumerate(layout.columns):
        if not group:
            page.merge_range(top, index, bottom, index, title, styles["header"])
            continue
        if group not in groups[:index]:
            page.merge_range(top, index, top, index + groups.count(group) - 1, group, styles["header"])
        page.write(bottom, index, title, styles["header"])


def _write_signatures(page: Any, styles: Mapping[str, Any], layout: Layout) -> None:
    row = FIRST_ROW + len(provinces()) + 2  # the last row of the table stands at FIRST_ROW + 63: province or total
    page.write(row - 1, 1, "Người lập biểu", styles["bold"])
    page.write(row - 1, len(layout.columns) - 4, "TL. GIÁM ĐỐC", styles["bold"])

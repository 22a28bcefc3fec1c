"""A sheet as typed cells with their places in the file, and the bounds no file may pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from ingestion.errors import FileFault
from ingestion.text import column_letters, is_blank

MERGE = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Limits:
    """What a file of a statistical office never reaches; beyond it a file is refused before it is unpacked."""

    file_bytes: int = 200 * 2**20
    # A workbook of 100,000 rows by 20 columns unpacks to some 100 MiB.
    unpacked_bytes: int = 512 * 2**20
    # Worksheets compress 10 to 30 fold; bombs several hundred fold. Small parts may be anything.
    unpacked_ratio: int = 200
    ratio_free_bytes: int = 10 * 2**20
    parts: int = 10_000
    cells: int = 10_000_000
    columns: int = 2_000
    field_characters: int = 1_000_000


LIMITS = Limits()


class Percent(float):
    """A number whose cell prints it as a percentage: 0.724 reads `72.4%`. Which of the two is meant, the unit says."""

    def __repr__(self) -> str:
        """The number as the cell prints it."""
        return f"{Decimal(float.__repr__(self)).scaleb(2).normalize():f}%"


@dataclass(frozen=True)
class NoFigure:
    """What stands in a cell in place of a figure that cannot be told: what it prints, and why in both languages."""

    text: str
    why_vi: str
    why_en: str

    def __str__(self) -> str:
        """The cell as printed."""
        return self.text


# What calamine does not tell of a cell: `%` where it prints a percentage, `,` where it prints thousands or millions of
# what it holds, the text of the error it shows, or that a formula has no result.
Mark = str | NoFigure

_LONGEST_FORMULA_SHOWN = 80


def without_result(formula: str) -> NoFigure:
    """What stands in the cell of a formula that was saved by a program that does not calculate."""
    return NoFigure(
        f"={formula}"[:_LONGEST_FORMULA_SHOWN],
        "là công thức chưa có kết quả; mở tệp bằng Excel, lưu lại rồi gửi lại",
        "is a formula without a result; open the file in Excel, save it and send it again",
    )


def marked(value: object, mark: Mark) -> object:
    """The value of a cell that prints its number otherwise than it holds it; any other value stays."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value
    if mark == "%":
        return Percent(value)
    return NoFigure(
        str(value),
        "được định dạng để hiện theo nghìn hoặc triệu, nên không biết đơn vị tính áp dụng cho số hiện ra hay số lưu; "
        "hãy bỏ định dạng đó rồi gửi lại",
        "is formatted to be shown in thousands or millions, so the unit may be meant for what it shows or for what it "
        "holds; remove that format and send it again",
    )


def put_marks(cells: list[list[object]], marks: Mapping[tuple[int, int], Mark]) -> None:
    """Put what marks say into the cells of a sheet, which reach from A1 on; they are changed in place."""
    for (row, column), mark in marks.items():
        if mark not in ("%", ","):
            cells.extend([] for _ in range(row + 1 - len(cells)))
            cells[row].extend(None for _ in range(column + 1 - len(cells[row])))
            cells[row][column] = mark
        elif row < len(cells) and column < len(cells[row]):
            cells[row][column] = marked(cells[row][column], mark)


@dataclass(frozen=True)
class Grid:
    """One sheet, or one table of it: rows of cells, each with its row number in the file, and merged ranges from 0.

    In a text file (`is_text`) a row without all its fields is a damaged line, in a workbook it is just short; of one
    that does not end with a line break, `unfinished` is the number of its last row, which may have been cut. Of a
    table, `first_column` is the column of the sheet it begins in, `above` the addresses and texts that stand over it.
    """

    sheet: str
    rows: Sequence[Sequence[object]]
    row_numbers: Sequence[int]
    merges: Sequence[MERGE] = field(default=())
    is_text: bool = False
    unfinished: int | None = None
    first_column: int = 0
    above: Sequence[tuple[str, str]] = ()

    def cell(self, row: int, column: int) -> object:
        """The value at a place; None beyond the end of a short row."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else None

    def column(self, column: int, rows: range) -> list[object]:
        """The values of a column in some rows; None beyond the end of a short row."""
        return [cells[column] if column < len(cells) else None for cells in self.rows[rows.start : rows.stop]]

    def address(self, row: int, column: int) -> str:
        """The place as a spreadsheet writes it: `D12`."""
        return f"{self.letters(column)}{self.row_numbers[row]}"

    def letters(self, column: int) -> str:
        """The letters of a column as a spreadsheet writes them: `D`."""
        return column_letters(self.first_column + column)

    def is_blank_row(self, row: int) -> bool:
        """Whether no cell of the row shows anything."""
        return all(is_blank(value) for value in self.rows[row])


def check_size(path: Path, limits: Limits) -> None:
    """Raise FileFault empty_file or too_large by the bytes on disk alone."""
    size = path.stat().st_size
    if size == 0:
        raise FileFault(
            "empty_file",
            "Tệp rỗng (0 byte); đề nghị đơn vị cung cấp gửi lại.",
            "The file is empty (0 bytes); ask the publisher to send it again.",
        )
    if size > limits.file_bytes:
        raise too_large(f"{size:,} byte", f"{size:,} bytes", f"{limits.file_bytes:,}")


def too_large(found_vi: str, found_en: str, limit: str) -> FileFault:
    """The fault of a file beyond a limit."""
    return FileFault(
        "too_large",
        f"Tệp quá lớn: {found_vi}, giới hạn {limit}; kiểm tra tệp, hoặc chia nhỏ rồi gửi lại.",
        f"The file is too large: {found_en}, the limit is {limit}; check it, or split it and send it again.",
    )

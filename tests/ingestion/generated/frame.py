"""What stands around the figures: header rows, title lines, signatures and notes."""

from dataclasses import replace
from itertools import groupby
from typing import Any

from tests.ingestion.generated.figures import marked, with_status
from tests.ingestion.generated.periods import Written
from tests.ingestion.generated.spelling import decomposed, spaced, without_accents
from tests.ingestion.generated.truth import BLANK, Book, Cell, Row, Sheet, text

Layout = dict[str, Any]


def write_label(book: Book, label: str) -> str:
    """A header label as the file has it; the YAML has it as the catalogue does."""
    how = book.plan["labels"]
    if how == "capitals":
        return label.upper()
    if how == "decomposed":
        return decomposed(label)
    if how == "double_spaces":
        return spaced(label, book.random)
    if how == "line_break":
        return label.replace(" ", "\n", 1)
    return without_accents(label) if how == "without_accents" else label


def add_header(book: Book, sheet: Sheet, layout: Layout) -> None:
    """Header rows by the plan, and how the layout counts them."""
    if book.has("marks", "header", "everywhere"):
        _mark_header(book, sheet)
    how, paths = book.plan["header"], [column.path for column in sheet.columns]
    if how == "unmerged":
        sheet.header = _unmerged(book, paths)
        layout["header_rows"] = len(sheet.header)
        if len(sheet.header) > 1 or book.once("fills one row", lambda: book.random.random() < 0.5):
            layout["fill_right"] = [1]
        return
    if how in ("merged", "deep"):
        depth = max(map(len, paths)) if how == "merged" else book.once("depth", lambda: book.random.randint(3, 8))
        sheet.header = _merged(book, paths, depth)
        layout["header_rows"] = depth
        return
    labels = [text(write_label(book, path[0])) if path else BLANK for path in paths]
    if how in ("one", "numbered_below"):
        sheet.header = [labels]
    elif how == "coded":
        letters = iter("ABCDEFGH")
        figures = iter(range(1, 40))
        codes = [Cell(next(figures) if column.role == "value" else next(letters)) for column in sheet.columns]
        sheet.header = [labels, codes]
        layout["label_rows"] = [1]
    else:
        english = [text(column.english) if column.english else BLANK for column in sheet.columns]
        sheet.header = [labels, english] if how == "bilingual" else [english, labels]
        layout["label_rows"] = [1 if how == "bilingual" else 2]
    layout["header_rows"] = len(sheet.header)
    if how == "numbered_below":
        layout["column_numbers"] = True
        sheet.body.insert(0, [Cell(number) for number in range(1, len(paths) + 1)])


def _mark_header(book: Book, sheet: Sheet) -> None:
    """A declared mark behind the last label of some columns of figures: a status of all their figures."""
    for number in sheet.places("value"):
        column = sheet.columns[number]
        if column.path and book.random.random() < 0.5:
            said, status = marked(book, column.path[-1])
            sheet.columns[number] = replace(column, path=(*column.path[:-1], said))
            for row in sheet.body:
                row[number] = row[number].restated(lambda fact, status=status: with_status(fact, status))


def _unmerged(book: Book, paths: list[tuple[str, ...]]) -> list[Row]:
    """Header rows of an export: what was merged across stands in the first of its columns alone."""
    rows: list[Row] = [[BLANK] * len(paths) for _ in range(max(map(len, paths)))]
    for number, path in enumerate(paths):
        for level, label in enumerate(path):
            is_filled = level == 0 and len(path) > 1 and number > 0 and paths[number - 1][:1] == path[:1]
            rows[level][number] = BLANK if is_filled else text(write_label(book, label))
    return rows


def _merged(book: Book, paths: list[tuple[str, ...]], depth: int) -> list[Row]:
    """Labels over several columns merged across, the last label of each column merged down to the last row."""
    rows: list[Row] = [[BLANK] * len(paths) for _ in range(depth)]
    for level in range(max(map(len, paths))):
        runs = groupby(enumerate(paths), key=lambda each: each[1][: level + 1] if len(each[1]) > level else each[0])
        for _, run in runs:
            numbers = [number for number, _ in run]
            path = paths[numbers[0]]
            if len(path) > level:
                down = depth - level if len(path) == level + 1 else 1
                rows[level][numbers[0]] = text(write_label(book, path[level]), (down, len(numbers)))
    return rows


TITLES = ("BÁO CÁO SỐ LIỆU PHÁT TRIỂN THUÊ BAO", "Biểu số 12: Một số chỉ tiêu chủ yếu", "SỞ THÔNG TIN VÀ TRUYỀN THÔNG")


def add_titles(book: Book, sheet: Sheet, layout: Layout, period: Written) -> None:
    """Title lines, with period and unit where the plan says that they stand there."""
    random, width = book.random, len(sheet.columns)
    span = (1, width) if book.format in ("xlsx", "ods") and width > 1 and random.random() < 0.5 else (1, 1)
    rows: list[Row] = [[text(title, span)] for title in random.sample(TITLES, random.randint(0, 2))]
    if book.has("period_of", "cell") and layout["period"]["from"] == "cell":
        rows.append([text(period.text)])
    if book.has("unit_of", "cell"):
        label = next(column.measure["label"] for column in sheet.columns if column.role == "value")
        forms = ["ĐVT: {}", "ĐVT:{}", "Đơn vị tính: {}", "(Đơn vị: {})", "Unit: {}"]
        said = book.once("unit", lambda: random.choice(forms))
        layout["unit"] = {"from": "cell", "patterns": [said.strip("()").format("{unit}")]}
        rows.append([*[BLANK] * (width - 1), text(said.format(label))])
    sheet.above = [*rows, *([[BLANK]] * random.randint(0, 2))]


def add_foot(book: Book, sheet: Sheet, layout: Layout) -> None:
    """What stands below the data, once it is written: a look-up block repeats what is printed above."""
    how, random = book.plan["foot"], book.random
    if how != "none" and book.once("says that nothing may stand below", lambda: random.random() < 0.3):
        layout["below_end"] = "refuse"
    gap: list[Row] = [[BLANK]] * random.randint(0, 2)
    if how == "signature":
        sheet.below = [*gap, [text("Người lập biểu"), BLANK, text("TL. GIÁM ĐỐC")], [text("Nguyễn Văn A")]]
        layout["end_labels"] = ["Người lập biểu"]
    elif how == "source_note":
        sheet.below = [*gap, [text("Nguồn: Niên giám thống kê 2020")], [text("Ghi chú: số liệu chưa điều chỉnh")]]
        layout["end_labels"] = ["Nguồn", "Ghi chú"]
    elif how in ("note_below_blank", "lookup_below_blank"):
        layout["ends_at"] = "blank_row"
        sheet.below = [[BLANK], [text("(*) Số liệu sơ bộ; ngày 5 tháng 10 năm 2022")]]
    if how == "lookup_below_blank":
        layout["below_end"] = "lookup"
        found = random.choice([row for row in sheet.body if any(cell.fact for cell in row)])
        sheet.below += [[BLANK], [replace(cell, fact=None, other=None) for cell in found]]

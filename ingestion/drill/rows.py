"""Faults of the rows of places: one twice, one missing, one under another's name, and what names them."""

from decimal import Decimal

from ingestion.drill.case import Case, Figure, NotPossible, is_number, written_like
from ingestion.drill.pages import Page
from ingestion.numbers import UnreadableNumber, read_number
from ingestion.text import printed


def recycled_code(case: Case) -> str:
    """A place under a code or name of another boundary set, which today may be another province's, or nobody's."""
    chosen = _draw_place(case)
    text, own_set = chosen.place_text.strip(), _set_of(chosen)
    codes = case.reference.gso_codes
    if (own_set, text.zfill(2)) in codes:
        others = sorted({code for (set_name, code) in codes if set_name != own_set} - {text.zfill(2)})
    elif any(area.name_vi == text for area in case.reference.areas.values()):
        areas = case.reference.areas.values()
        here = {area.name_vi for area in areas if area.boundary_set == own_set}
        elsewhere = {area.name_vi for area in areas if area.boundary_set != own_set and area.area_level == "province"}
        others = sorted(elsewhere - here) + sorted({each.place_text for each in case.sound.figures} & elsewhere)
    else:
        others = sorted({each.place_text for each in case.sound.figures})
    text = case.rng.choice([each for each in others if each != text])
    _rename(case, chosen, text)
    return f"{chosen.place_text} as {text}"


def duplicated_province(case: Case) -> str:
    """A province's row a second time: as it is, with other figures, or in the place of the row below."""
    chosen = _draw_place(case)
    page, rows = case.page(chosen), case.rows_of(chosen)
    way = case.rng.choice(["same", "other figures", "over the next"])
    for row in rows:
        copy = list(page.rows[row])
        if way == "other figures":
            copy = [
                _grown(case, cell) if column in _columns(case, chosen) else cell for column, cell in enumerate(copy)
            ]
        if way == "over the next" and row + 1 < len(page.rows):
            page.rows[row + 1] = copy
        else:
            page.insert(row + 1, copy)
    return f"{chosen.place_text} twice ({way})"


def dropped_province(case: Case) -> str:
    """A province's row deleted, or its figures left blank."""
    chosen = _draw_place(case)
    page, is_blanked = case.page(chosen), case.rng.random() < 0.3
    for row in case.rows_of(chosen):
        if is_blanked:
            for column in _columns(case, chosen):
                page.put(row, column, None)
        else:
            page.delete(row)
    return f"{chosen.place_text} {'left blank' if is_blanked else 'deleted'}"


def total_row_as_province(case: Case) -> str:
    """The row of totals under a province's name, beside the province's own row or in its place."""
    chosen = _draw_place(case)
    page, columns = case.page(chosen), _columns(case, chosen)
    rows = case.rows_of(chosen)
    if len(rows) > 1:
        raise NotPossible("a province has several rows, and a total too")
    data = {each.row for each in case.sound.figures if each.page == chosen.page}
    total = _total_row(page, columns, data)
    labels = {column: page.cell(rows[0], column) for column in range(min(columns))}
    if total is None:
        total = max(data) + 1
        page.insert(total, list(page.rows[rows[0]]))
        for column in columns:
            page.put(total, column, _sum(case, page, data, column, page.cell(rows[0], column)))
    for column, label in labels.items():
        page.put(total, column, label)
    is_alone = case.rng.random() < 0.5
    if is_alone:
        page.delete(rows[0])
    return f"total as {chosen.place_text}{', whose own row is gone' if is_alone else ''}"


def missing_operator(case: Case) -> str:
    """Every figure of one operator, of several in a file, left out."""
    found = sorted({member for each in case.sound.figures for member in _operators(each)})
    if len(found) < 2:
        raise NotPossible("the file is of one operator: its absence is that of the file")
    operator = case.rng.choice(found)
    figures = [each for each in case.sound.figures if operator in _operators(each)]
    for figure in figures:
        case.page(figure).put(figure.row, figure.column, None)
    return f"{len(figures)} figures of {operator} left out"


def cut_off(case: Case) -> str:
    """The lower part of the table missing: the file was copied by somebody who did not scroll."""
    chosen = case.draw(case.sound.figures, "no figures")
    page = case.page(chosen)
    data = sorted({each.row for each in case.sound.figures if each.page == chosen.page})
    if len(data) < 10:
        raise NotPossible("fewer than ten rows")
    first = data[case.rng.randint(len(data) // 3, len(data) - 2)]
    for row in range(len(page.rows) - 1, first - 1, -1):
        page.delete(row)
    return f"nothing from row {first + 1} on"


def _operators(figure: Figure) -> list[str]:
    return [member for member in figure.measure[2].split(";") if member.startswith("operator:")]


def _draw_place(case: Case) -> Figure:
    able = [each for each in case.sound.figures if each.place_text.strip()]
    chosen = case.draw(able, "places are not named in the rows")
    case.place_cells(chosen)
    if len({each.province_id for each in able}) < 5:
        raise NotPossible("fewer than five places")
    return chosen


def _set_of(figure: Figure) -> str:
    return figure.province_id[1:].partition("-")[0]


def _columns(case: Case, chosen: Figure) -> set[int]:
    return {each.column for each in case.sound.figures if each.page == chosen.page}


def _rename(case: Case, chosen: Figure, text: str) -> None:
    page = case.page(chosen)
    for column in case.place_cells(chosen):
        for row in case.rows_of(chosen):
            page.put(row, column, text if isinstance(page.cell(row, column), str) else int(text))


def _grown(case: Case, cell: object) -> object:
    locale = case.sound.source.number_locale
    try:
        number = read_number(cell, locale).value
    except UnreadableNumber:
        return cell
    return written_like(cell, (number * Decimal("1.03")).quantize(Decimal(1)) + 1, locale)


def _total_row(page: Page, columns: set[int], data: set[int]) -> int | None:
    """The row beside the data that has a number in most columns of figures and a label before them."""
    for row in (min(data) - 1, max(data) + 1):
        cells = [page.cell(row, column) for column in columns]
        if sum(map(is_number, cells)) > len(columns) / 2 and any(
            isinstance(page.cell(row, column), str) and not is_number(page.cell(row, column))
            for column in range(min(columns))
        ):
            return row
    return None


def _sum(case: Case, page: Page, data: set[int], column: int, like: object) -> object:
    locale = case.sound.source.number_locale
    cells = [page.cell(row, column) for row in data]
    numbers = [read_number(cell, locale).value for cell in cells if is_number(cell)]
    return written_like(like, sum(numbers, Decimal(0)), locale) if printed(like) else None

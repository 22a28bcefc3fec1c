"""Faults of single figures and of whole columns."""

from decimal import Decimal

from ingestion.drill.case import Case, Figure, NotPossible, columns_of, is_number
from ingestion.grid import Percent

_FEW = 5


def thousandfold(case: Case) -> str:
    """One figure, or one column, a thousand times what it is, or a thousandth."""
    chosen = case.draw([each for each in case.sound.figures if each.value], "no figure but zero")
    factor = case.rng.choice([Decimal(1000), Decimal(1000), Decimal("0.001")])
    figures = [chosen]
    if case.rng.random() < 0.3:
        figures = columns_of(case.sound.figures)[chosen.page, chosen.column]
    return _multiply(case, figures, factor)


def moved_decimal(case: Case) -> str:
    """One figure ten or a hundred times what it is, or a tenth, a hundredth."""
    chosen = case.draw([each for each in case.sound.figures if each.value], "no figure but zero")
    return _multiply(case, [chosen], Decimal(10) ** case.rng.choice([-2, -1, 1, 2]))


def negative_stock(case: Case) -> str:
    """One figure below zero where nothing can be."""
    able = [each for each in case.sound.figures if each.value > 0 and each.minimum is not None and each.minimum >= 0]
    return _multiply(case, [case.draw(able, "no figure that must not be negative")], Decimal(-1))


def percent_as_ratio(case: Case) -> str:
    """A column of percentages, or a third of it or more, as shares of one: 0.724 for 72.4."""
    chosen = case.draw([each for each in case.sound.figures if each.unit == "%" and each.value], "no percentages")
    figures = [each for each in columns_of(case.sound.figures)[chosen.page, chosen.column] if each.value]
    if case.rng.random() < 0.5:
        count = case.rng.randint(max(1, len(figures) // 3), len(figures))
        figures = sorted(case.rng.sample(figures, count), key=lambda each: each.row)
    for figure in figures:
        page, number = case.page(figure), case.raw(figure) / 100
        is_shown_so = isinstance(page.cell(figure.row, figure.column), Percent)
        if is_shown_so:
            page.put(figure.row, figure.column, float(number))
        else:
            case.write(figure, number)
    return f"{len(figures)} percentages as ratios, from {_at(figures[0])}"


def swapped_columns(case: Case) -> str:
    """The figures of two measures under each other's header."""
    measures: dict[tuple[str, str], dict[int, list[Figure]]] = {}
    for (name, column), figures in columns_of(case.sound.figures).items():
        measures.setdefault((name, figures[0].period_id), {})[column] = figures
    able = [
        (where, columns) for where, columns in measures.items() if len({c[0].measure for c in columns.values()}) > 1
    ]
    if not able:
        raise NotPossible("fewer than two columns of figures")
    _, columns = case.rng.choice(able)
    left = case.rng.choice(sorted(columns))
    others = [each for each in sorted(columns) if columns[each][0].measure != columns[left][0].measure]
    right = case.rng.choice(others)
    page, rows = case.page(columns[left][0]), {each.row for each in (*columns[left], *columns[right])}
    changed = 0
    for row in range(min(rows) - 1, min(max(rows) + 2, len(page.rows))):
        mine, other = page.cell(row, left), page.cell(row, right)
        if row in rows or (is_number(mine) and is_number(other)):
            page.put(row, left, other)
            page.put(row, right, mine)
            changed += mine != other
    if not changed:
        raise NotPossible("the two columns hold the same figures")
    return f"columns of {columns[left][0].measure} and {columns[right][0].measure} swapped"


def shifted_header(case: Case) -> str:
    """Headers and figures one column apart: every column of figures moved to the right, or turned round."""
    chosen = case.draw(case.sound.figures, "no figures")
    columns = sorted({each.column for each in case.sound.figures if each.page == chosen.page})
    if len(columns) < 2:
        raise NotPossible("one column of figures")
    page, is_turned = case.page(chosen), case.rng.random() < 0.5
    for row in sorted({each.row for each in case.sound.figures if each.page == chosen.page}):
        old = [page.cell(row, column) for column in columns]
        for column, cell in zip(columns, [old[-1] if is_turned else None, *old[:-1]], strict=True):
            page.put(row, column, cell)
        if not is_turned:
            page.put(row, columns[-1] + 1, old[-1])
    return f"figures one column to the right of their headers{', the last in the first' if is_turned else ''}"


def shifted_rows(case: Case) -> str:
    """A run of figures one row beside the places they are of, as when one column alone is sorted or pasted."""
    chosen = case.draw(case.sound.figures, "no figures")
    rows = sorted({each.row for each in case.sound.figures if each.page == chosen.page})
    if len({each.province_id for each in case.sound.figures}) < 2 * _FEW or len(rows) < 2 * _FEW:
        raise NotPossible("fewer than ten places")
    columns = sorted({each.column for each in case.sound.figures if each.page == chosen.page})
    first = case.rng.randrange(len(rows) - _FEW)
    run = rows[first : first + case.rng.randint(_FEW, len(rows))]
    page = case.page(chosen)
    old = {row: [page.cell(row, column) for column in columns] for row in run}
    for row, above in zip(run, [run[-1], *run[:-1]], strict=True):
        for column, cell in zip(columns, old[above], strict=True):
            page.put(row, column, cell)
    return f"{len(run)} rows of figures one row below their places, from row {run[0] + 1}"


def _multiply(case: Case, figures: list[Figure], factor: Decimal) -> str:
    for figure in figures:
        case.write(figure, case.raw(figure) * factor)
    return f"{_at(figures[0])} ×{factor}" + (f" and {len(figures) - 1} more of its column" if len(figures) > 1 else "")


def _at(figure: Figure) -> str:
    return f"{figure.place_text} {figure.measure[0]} {figure.measure[2]} {figure.period_id}"

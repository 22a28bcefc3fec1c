"""Faults of a whole file: its letters, its dates, and an old file that comes as a new one."""

import re
import unicodedata

from ingestion.drill.case import Case, NotPossible, SoundFile, is_number
from ingestion.drill.pages import Page, page_of
from ingestion.periods import first_day, period_type
from ingestion.text import printed

_YEAR_AND_MONTH = re.compile(r"[0-9]+")


def nfd_names(case: Case) -> str:
    """Every text with its accents as letters of their own, as one operating system writes them."""
    case.pages.change_texts(lambda text: unicodedata.normalize("NFD", text))
    return "all texts decomposed"


def encoding_damage(case: Case) -> str:
    """Letters lost or doubled on the way: UTF-8 taken for Windows-1252, `?` for every letter with an accent."""
    way = case.rng.choice(["mojibake", "question marks", "places only", "bytes"])
    if way == "bytes" and case.sound.source.format == "csv":
        encoding = case.rng.choice(["utf-16", "cp1252"])
        declared = case.sound.source.encoding
        case.spoil_bytes = lambda content: content.decode(declared).encode(encoding, "replace")
        return f"the file in {encoding}"
    damage = _question_marks if way == "question marks" else _mojibake
    if way == "places only":
        places = {each.place_text.strip() for each in case.sound.figures if each.place_text.strip()}
        hurt = set(case.rng.sample(sorted(places), max(1, len(places) // 4)))
        case.pages.change_texts(lambda text: damage(text) if text.strip() in hurt else text)
    else:
        case.pages.change_texts(damage)
    if case.pages == case.sound.pages:
        raise NotPossible("no text with an accent")
    return way


def wrong_month(case: Case) -> str:
    """Another period in the title (cell, column, sheet or file name) than the one the figures are of."""
    told = {each.period_id for each in case.sound.figures}
    if len(told) != 1:
        raise NotPossible("several periods in a file: no title names one")
    period_id = next(iter(told))
    wrong = case.rng.choice(_other_periods(period_id))
    if not _date_as(case, {each.period_text for each in case.sound.figures}, period_id, wrong):
        raise NotPossible("the period is not printed in figures")
    return f"{period_id} dated {wrong}"


def stale_file(case: Case) -> str:
    """The figures of an earlier file with tonight's date."""
    able = [file for file in case.earlier[-4:] if len(file.periods) == 1 and file.periods != case.sound.periods]
    if len(case.sound.periods) != 1 or not able:
        raise NotPossible("no earlier file of another single period")
    old = case.rng.choice(able)
    figures = {figure.key: figure for figure in old.figures}
    shared = [figure for figure in case.sound.figures if figure.key in figures]
    if len(shared) < 0.9 * len(case.sound.figures):
        raise NotPossible("the earlier file has other series")
    for figure in shared:
        before = figures[figure.key]
        cell = page_of(old.pages, before.page).cell(before.row, before.column)
        case.page(figure).put(figure.row, figure.column, cell)
    _old_totals(case, old)
    return f"figures of {next(iter(old.periods))} under {next(iter(case.sound.periods))}"


def _old_totals(case: Case, old: SoundFile) -> None:
    """Rows without figures of their own, such as totals, are those of the earlier file where their labels agree."""
    for name, page in case.pages.pages.items():
        mine = [each for each in case.sound.figures if page_of(case.pages, each.page) is page]
        if not mine or name not in old.pages.pages:
            continue
        data, columns = {each.row for each in mine}, {each.column for each in mine}
        before = {_labels(row): row for row in old.pages.pages[name].rows}
        for number in range(min(data) - 1, len(page.rows)):
            theirs = before.get(_labels(page.rows[number]))
            if number not in data and theirs:
                _take(page, number, theirs, columns)


def _take(page: Page, row: int, theirs: list[object], columns: set[int]) -> None:
    for column in columns:
        if column < len(theirs) and is_number(theirs[column]):
            page.put(row, column, theirs[column])


def _labels(row: list[object]) -> tuple[str, ...]:
    return tuple(cell for cell in row if isinstance(cell, str) and not is_number(cell))


def _other_periods(period_id: str) -> list[str]:
    """The period before, the one after the next, and the same a year off: what a hand on a form leaves standing."""
    start, kind = first_day(period_id), period_type(period_id)
    match kind:
        case "month":
            months = [start.year * 12 + start.month - 1 + by for by in (-1, -1, 1, -12)]
            return [f"{month // 12}-{month % 12 + 1:02d}" for month in months]
        case "year":
            return [str(start.year - 1), str(start.year + 1)]
    raise NotPossible(f"a {kind} is not printed in figures")


def _date_as(case: Case, texts: set[str], period_id: str, wrong: str) -> bool:
    """Print another period wherever the texts that were read as the period stand; whether any did."""
    old = [int(number) for number in period_id.split("-")]
    new = [int(number) for number in wrong.split("-")]
    redated = {text: _redated(text, old, new) for text in texts}
    found = {text: other for text, other in redated.items() if other != text}
    before = (case.pages.file_name, {name: page.rows for name, page in case.pages.pages.items()})
    # the longest text first: a title holds the period, and nothing but a title is as long
    for text, other in sorted(found.items(), key=lambda pair: -len(pair[0])):
        case.pages.change_texts(lambda cell, text=text, other=other: cell.replace(text, other))  # type: ignore[misc]
        case.pages.file_name = case.pages.file_name.replace(text, other)
        _redate_sheets(case, text, other)
        _redate_numbers(case, text, other)
    return before != (case.pages.file_name, {name: page.rows for name, page in case.pages.pages.items()})


def _redated(text: str, old: list[int], new: list[int]) -> str:
    """The numbers of a period, wherever they stand in a text, put in place of each other; zeros before them stay."""
    others = dict(zip(old, new, strict=True))

    def other(match: re.Match[str]) -> str:
        number = match[0]
        return str(others[int(number)]).zfill(len(number)) if int(number) in others else number

    return _YEAR_AND_MONTH.sub(other, text)


def _redate_sheets(case: Case, text: str, other: str) -> None:
    for name in [name for name in case.pages.pages if text in name]:
        page = case.pages.pages.pop(name)
        page.name = name.replace(text, other)
        case.pages.pages[page.name] = page


def _redate_numbers(case: Case, text: str, other: str) -> None:
    """A column of years holds numbers, not texts: in the rows of figures they are those printed alike."""
    if not text.isdigit():
        return
    for page in case.pages.pages.values():
        for row in {each.row for each in case.sound.figures}:
            for column, cell in enumerate(page.rows[row] if row < len(page.rows) else []):
                if isinstance(cell, int | float) and printed(cell) == text:
                    page.put(row, column, int(other))


def _question_marks(text: str) -> str:
    return "".join(letter if letter.isascii() else "?" for letter in text)


def _mojibake(text: str) -> str:
    return text.encode().decode("cp1252", "replace")

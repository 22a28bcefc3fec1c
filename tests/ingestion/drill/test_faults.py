"""Faults put into the sheet of an operator: what changes is what the kind says, and nothing else."""

import unicodedata
from decimal import Decimal
from random import Random

import pytest

from ingestion.drill.case import Case, NotPossible, SoundFile, sound_file, written_like
from ingestion.drill.kinds import KINDS
from ingestion.drill.pages import put_together, take_apart
from ingestion.grid import Percent
from ingestion.read import read_file
from ingestion.sample.workbook import operator_workbook
from orchestration.home import look_at_home


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return look_at_home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def sheets(home, tmp_path_factory) -> list[SoundFile]:
    """Mobifone's workbooks of three months: thousands as Vietnamese text, 63 provinces, a row of totals."""
    source, found = home.sources["mobifone"], []
    for month in (7, 8, 9):
        path = tmp_path_factory.mktemp("sheets") / f"mobifone_2022-0{month}.xlsx"
        path.write_bytes(operator_workbook("mobifone", 2022, month))
        read = read_file(path, path.name, source, home.reference)
        found.append(sound_file(path, path.name, source, read))
    return found


def spoil(kind: str, sheets: list[SoundFile], home, seed: int = 1) -> Case:
    case = Case(sheets[-1], sheets[:-1], home.reference, Random(seed))
    KINDS[kind].make(case)
    return case


def read_back(case: Case, home, tmp_path):
    path = tmp_path / case.pages.file_name
    content = put_together(case.pages, case.sound.source)
    path.write_bytes(case.spoil_bytes(content) if case.spoil_bytes else content)
    return read_file(path, path.name, case.sound.source, home.reference)


def values(read) -> dict[tuple[str, ...], Decimal]:
    rows = read.rows.to_pylist()
    return {
        (row["province_id"], row["indicator_code"], row["breakdown"], row["period_id"]): row["value"] for row in rows
    }


def changed(case: Case) -> list[tuple[int, int]]:
    """Places of the cells that differ from the sound file, rows deleted or inserted aside."""
    (page,), (sound,) = case.pages.pages.values(), case.sound.pages.pages.values()
    rows = range(max(len(page.rows), len(sound.rows)))
    return [(row, column) for row in rows for column in range(20) if page.cell(row, column) != sound.cell(row, column)]


def test_a_sheet_written_again_without_a_fault_reads_to_the_same_figures(home, sheets, tmp_path):
    case = Case(sheets[-1], [], home.reference, Random(1))
    sound = read_back(case, home, tmp_path)
    assert len(values(sound)) == 63 * 9
    assert {key: value for key, value in values(sound).items() if key[0] == "P63-26"} == {
        figure.key[0:2] + (figure.key[3], figure.period_id): figure.value
        for figure in sheets[-1].figures
        if figure.province_id == "P63-26"
    }


@pytest.mark.parametrize("kind", ["moved_decimal", "negative_stock"])
def test_a_fault_of_one_figure_changes_one_cell(home, sheets, kind):
    assert len(changed(spoil(kind, sheets, home))) == 1


@pytest.mark.parametrize(("kind", "lost"), [("dropped_province", 1), ("total_row_as_province", 0)])
def test_every_other_province_keeps_its_figures(home, sheets, tmp_path, kind, lost):
    case = spoil(kind, sheets, home, seed=2)
    before = {(f.key[0], f.key[1], f.key[3], f.period_id): f.value for f in sheets[-1].figures}
    after = values(read_back(case, home, tmp_path))
    differing = {key[0] for key in before if before[key] != after.get(key)}
    assert len(differing) == 1
    assert len({key[0] for key in before} - {key[0] for key, value in after.items() if value is not None}) == lost


def test_names_in_nfd_read_to_the_very_same_figures(home, sheets, tmp_path):
    case = spoil("nfd_names", sheets, home)
    texts = [cell for page in case.pages.pages.values() for row in page.rows for cell in row if isinstance(cell, str)]
    assert any(text != unicodedata.normalize("NFC", text) for text in texts)
    sound = read_back(Case(sheets[-1], [], home.reference, Random(1)), home, tmp_path)
    assert values(read_back(case, home, tmp_path)) == values(sound)


def test_an_old_file_comes_with_the_new_month_and_its_own_total(home, sheets, tmp_path):
    case = spoil("stale_file", sheets, home)
    stale = values(read_back(case, home, tmp_path))
    assert {key[3] for key in stale} == {"2022-09"}
    olds = [{f.key[0:2] + (f.key[3],): f.value for f in sheet.figures} for sheet in sheets[:-1]]
    assert {key[:3]: value for key, value in stale.items()} in olds


def test_a_wrong_month_changes_the_title_alone(home, sheets, tmp_path):
    case = spoil("wrong_month", sheets, home)
    assert {key[3] for key in values(read_back(case, home, tmp_path))} <= {"2022-08", "2022-10", "2021-09"}
    assert len(changed(case)) == 1


def test_swapped_columns_are_whole_columns_totals_too(home, sheets):
    cells = changed(spoil("swapped_columns", sheets, home))
    assert len({column for _, column in cells}) == 2
    assert len({row for row, _ in cells}) >= 60


def test_the_same_seed_makes_the_same_fault_and_another_seed_another(home, sheets):
    drawn = [put_together(spoil("thousandfold", sheets, home, seed).pages, sheets[0].source) for seed in (5, 5, 6)]
    pages = [changed(spoil("thousandfold", sheets, home, seed)) for seed in (5, 5, 6)]
    assert pages[0] == pages[1] != pages[2]
    assert len(drawn[0]) == len(drawn[1])


def test_a_file_without_percentages_says_that_it_has_none(home, sheets):
    with pytest.raises(NotPossible, match="no percentages"):
        spoil("percent_as_ratio", sheets, home)


@pytest.mark.parametrize(
    ("old", "number", "locale", "new"),
    [
        ("1.234,567", "12345.67", "vi", "12.345,67"),
        ("1,234.5", "-1234.5", "en", "-1,234.5"),
        ("72,4", "0.724", "vi", "0,724"),
        ("1234", "1234000", "vi", "1234000"),
        (1234, "1234000", "vi", 1234000),
        (72.4, "0.724", "vi", 0.724),
    ],
)
def test_a_number_is_written_as_the_one_it_takes_the_place_of(old, number, locale, new):
    assert written_like(old, Decimal(number), locale) == new


def test_a_cell_that_prints_a_percentage_goes_on_printing_one():
    assert repr(written_like(Percent(0.724), Decimal("7.24"), "vi")) == "7.24%"


def test_a_text_file_keeps_its_separator_and_quotes(home, tmp_path):
    source = home.sources["bo_tttt_dti"]
    path = tmp_path / "dti_2022.csv"
    path.write_text('province_vi,rank\n"Hà\nNội",1\nVĩnh Phúc,"2"\n', encoding="utf-8")
    pages = take_apart(path, path.name, source)
    assert put_together(pages, source).decode() == 'province_vi,rank\n"Hà\nNội",1\nVĩnh Phúc,2\n'

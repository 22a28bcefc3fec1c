"""Of no published file a number is lost: each is a row, or left out by declaration."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from ingestion.text import column_letters
from tests.ingestion.real_files import FILES, read
from tests.ingestion.sheets import column
from tests.ingestion.test_real_plans import REGIONS_2008


@pytest.mark.parametrize("source_id", FILES)
def test_every_row_read_is_accepted_or_rejected(real_dir, source_id):
    result = read(real_dir, source_id)
    assert result.rows_read == result.rows.num_rows + result.rejected.num_rows
    numbers = column(result.rows, "row_no") + column(result.rejected, "row_no")
    assert sorted(numbers) == list(range(1, result.rows_read + 1))
    assert all(row["catalogue_unit"] == row["unit"] for row in result.rows.to_pylist())


def numbers_of(path: Path) -> Iterator[tuple[str, int, str]]:
    """Sheet, row and column letters of every cell that holds a number, read without the product."""
    if path.suffix == ".csv":
        delimiter = ";" if "gso" in path.name else ","
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader, line = csv.reader(file, delimiter=delimiter), 1
            for fields in reader:
                for number, text in enumerate(fields):
                    if text.replace(".", "").replace(",", "").isdecimal():
                        yield path.stem, line, column_letters(number)
                line = reader.line_num + 1
        return
    with CalamineWorkbook.from_path(path) as workbook:
        for name in workbook.sheet_names:
            for row, cells in enumerate(workbook.get_sheet_by_name(name).to_python(skip_empty_area=False), 1):
                yield from (
                    (name, row, column_letters(n)) for n, cell in enumerate(cells) if type(cell) in (int, float)
                )


# Sheets of PCI 2008 that are read, with the first row of the block that looks one province up.
PCI_2008_READ = {"Tổng hợp": 69, "Công nghệ thông tin": 69, "Cơ sở hạ tầng": 70}

# What a source leaves out by declaration: sheets, columns of codes and of other figures, rows under the data.
LEFT_OUT = {
    "gso_population": lambda sheet, row, letters: False,
    "sapnhap_bando_34": lambda sheet, row, letters: letters in ("A", "B", "G", "H"),
    "papi": lambda sheet, row, letters: letters == "A" or row == 66,
    "pci_2008": lambda sheet, row, letters: (
        sheet not in PCI_2008_READ
        or letters == "A"
        or row >= PCI_2008_READ[sheet]
        or (sheet == "Cơ sở hạ tầng" and letters not in ("Y", "AA", "AQ", "AS"))
    ),
    "pci_2008_telephones": lambda sheet, row, letters: sheet != "Cơ sở hạ tầng" or letters != "AC" or row >= 70,
    "pci_2016": lambda sheet, row, letters: sheet != "Summary_VN" or letters == "A" or row in (67, 68),
    "gso_area_density": lambda sheet, row, letters: False,
    "gso_telephone": lambda sheet, row, letters: letters == "B" or row >= 16,
    "papi_panel": lambda sheet, row, letters: False,
    "pci_2010": lambda sheet, row, letters: (
        sheet not in ("Tong hop", "Co so ha tang")
        or letters == "A"
        or (sheet == "Tong hop" and row in (67, 68))
        or (sheet == "Co so ha tang" and (row >= 69 or letters in "DEFGHIMNO"))
    ),
    "mof_plan_2003": lambda sheet, row, letters: sheet != "Sheet1" or letters in "AH" or row in (15, 17),
    "mof_plan_2008": lambda sheet, row, letters: letters == "A" or row in (13, 14, 16, *REGIONS_2008),
}


@pytest.mark.parametrize("source_id", FILES)
def test_every_number_of_the_file_is_a_row_or_declared_to_be_left_out(real_dir, source_id):
    result = read(real_dir, source_id)
    taken = set(column(result.rows, "sheet", "cell")) | set(column(result.rejected, "sheet", "cell"))
    numbers = list(numbers_of(real_dir / FILES[source_id]))
    wanted = {
        (sheet, f"{letters}{row}") for sheet, row, letters in numbers if not LEFT_OUT[source_id](sheet, row, letters)
    }
    assert wanted <= taken
    without_number = {cell for cell in taken if cell not in wanted}
    texts = {(row["sheet"], row["cell"]): row for row in [*result.rows.to_pylist(), *result.rejected.to_pylist()]}
    assert all(texts[cell].get("value") is None for cell in without_number)
    assert len(numbers) > 90

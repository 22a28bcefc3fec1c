"""Labels merged over several rows say what these rows are."""

import pytest

from ingestion.read import read_file
from tests.ingestion.sheets import WIDE, WIDE_ROWS, column, source, workbook


@pytest.mark.parametrize(
    ("label", "left_out"), [("Tổng cộng", True), ("Hà Nội", False)], ids=["a total reaches down", "a province does not"]
)
def test_a_row_under_a_merged_label_belongs_to_the_total_it_names_and_to_no_province(
    tmp_path, reference, label, left_out
):
    rows = [*WIDE_ROWS[:4], [None, label, 1000, 20], [None, None, 7, 8], *WIDE_ROWS[6:]]
    found = read_file(workbook(tmp_path, rows, merges=["B5:B6"]), "file.xlsx", source(tmp_path, WIDE), reference)
    nameless = [cell for cell in column(found.rejected, "cell") if cell.endswith("6")]
    assert nameless == ([] if left_out else ["C6", "D6"])
    assert [cell for cell in column(found.rows, "cell") if cell.endswith("6")] == []

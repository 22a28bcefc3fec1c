"""A file of another division of the country is known by all its places together, whatever each of them means."""

import pytest

from ingestion.boundary_fit import boundary_misfits
from tests.ingestion.sheets import read_wide


def names(reference, set_name):
    return [area.name_vi for area in reference.areas.values() if area.province_id.startswith(f"P{set_name}-")]


def misfits(folder, reference, month, places, **changes):
    head = [[f"Tháng {month}"], [None, "ĐVT: thuê bao"], ["Tỉnh/TP", "Di động", "Trạm 4G"]]
    rows = [[place, 7, 7] for place in places]
    result = read_wide(folder, reference, [*head, *rows], **changes)
    return boundary_misfits(result.lookups, result.rejected.to_pylist(), reference)


@pytest.mark.parametrize(("month", "set_name"), [("8 năm 2025", "34"), ("6 năm 2025", "63"), ("7 năm 2008", "63")])
def test_a_file_of_the_set_in_force_fits(tmp_path, reference, month, set_name):
    places = names(reference, "64" if month == "7 năm 2008" else set_name)
    assert misfits(tmp_path, reference, month, places) == []


def test_the_old_provinces_in_a_month_of_the_new_ones_are_told_in_one_sentence(tmp_path, reference):
    (said,) = misfits(tmp_path, reference, "8 năm 2025", names(reference, "63"))
    assert said == "63: 63/63 ≠ 34: 34/34 (Bà Rịa - Vũng Tàu, Bình Dương, Bình Phước, Bình Thuận, Bình Định, …)"


def test_the_new_provinces_in_a_month_of_the_old_ones_are_told_although_every_name_is_known(tmp_path, reference):
    (said,) = misfits(tmp_path, reference, "6 năm 2025", names(reference, "34"))
    assert said == "34: 34/34 ≠ 63: 34/63"


def test_ha_tay_with_a_figure_after_its_merger_means_that_ha_noi_is_the_old_one_too(tmp_path, reference):
    (said,) = misfits(tmp_path, reference, "9 năm 2010", names(reference, "64"))
    assert said == "64: 64/64 ≠ 63: 63/63 (Hà Tây)"


def test_a_declared_set_that_the_places_are_not_of_is_told_too(tmp_path, reference):
    assert misfits(tmp_path, reference, "9 năm 2024", names(reference, "34"), boundary_set="34") == []
    (said,) = misfits(tmp_path, reference, "9 năm 2025", names(reference, "63"), boundary_set="34")
    assert said.startswith("63: 63/63 ≠ 34: 34/34")


def test_a_few_places_prove_nothing(tmp_path, reference):
    assert misfits(tmp_path, reference, "8 năm 2025", ["Hà Nội", "Hà Giang", "Vĩnh Long"]) == []


def test_a_province_that_is_late_makes_no_other_division(tmp_path, reference):
    assert misfits(tmp_path, reference, "6 năm 2025", names(reference, "63")[3:]) == []

"""A province, an indicator and a period in a person's words."""

import pytest

from ingestion.asked import Unclear, area_asked, indicator_asked, period_asked


@pytest.mark.parametrize(
    ("text", "period_id", "area"),
    [
        ("P34-25", "2016", "P34-25"),  # an id means itself, whatever the period
        ("p63-26", "2022-09", "P63-26"),
        ("Vĩnh Phúc", "2022-09", "P63-26"),
        ("vinh phuc", "2022-09", "P63-26"),
        ("Phú Thọ", "2025-06", "P63-25"),
        ("Phú Thọ", "2025-07", "P34-25"),  # the name goes on, on more land
        ("Ha Tay", "2007", "P64-28"),
        ("25", "2022", "P63-25"),
        ("Cả nước", "2022", "VN"),
        ("Đồng bằng sông Hồng", "2022", "R63-1"),
    ],
)
def test_a_place_means_the_area_of_the_boundaries_in_force_at_the_end_of_the_period(reference, text, period_id, area):
    assert area_asked(reference, text, period_id).province_id == area


def test_what_the_name_means_in_other_boundary_sets_is_told(reference):
    assert area_asked(reference, "Phú Thọ", "2025-07").elsewhere == ("P63-25", "P64-25")


@pytest.mark.parametrize(
    ("text", "period_id", "candidates"),
    [
        ("Phú Thọ", "undated", {"P64-25", "P63-25", "P34-25"}),  # nobody knows on which boundaries
        ("Vĩnh Phúc", "2025-07", {"P64-26", "P63-26"}),  # no province any more; it says where it is now
        ("Phú Thọ", "1999", {"P64-25", "P63-25", "P34-25"}),  # before any known boundaries
    ],
)
def test_a_place_that_means_several_areas_or_none_of_the_set_names_them_all(reference, text, period_id, candidates):
    with pytest.raises(Unclear) as refused:
        area_asked(reference, text, period_id)
    assert all(each in refused.value.vi and each in refused.value.en for each in candidates)


def test_an_area_that_is_gone_says_what_it_is_part_of(reference):
    with pytest.raises(Unclear, match="P63-26 .Vĩnh Phúc → P34-25"):
        area_asked(reference, "Vĩnh Phúc", "2025-07")


def test_an_unknown_place_names_the_nearest(reference):
    with pytest.raises(Unclear, match="nearest: Vĩnh Phúc"):
        area_asked(reference, "Vĩn Phúc", "2022")


@pytest.mark.parametrize(
    "text", ["tel_mobile_per100", "Số thuê bao di động trên 100 dân", "so thue bao di dong tren 100 dan"]
)
def test_an_indicator_is_named_by_its_code_or_its_whole_name(reference, text):
    assert indicator_asked(reference, text) == "tel_mobile_per100"


def test_an_unknown_indicator_names_the_nearest(reference):
    with pytest.raises(Unclear, match="tel_mobile_per100"):
        indicator_asked(reference, "tel_mobile_per10")


@pytest.mark.parametrize(
    ("text", "period_id"),
    [
        ("2022-Q3", "2022-Q3"),
        ("Quý III/2022", "2022-Q3"),
        ("T9/2022", "2022-09"),
        ("năm 2022", "2022"),
        ("undated", "undated"),
    ],
)
def test_a_period_is_an_id_or_a_vietnamese_wording(text, period_id):
    assert period_asked(text).period_id == period_id


@pytest.mark.parametrize("text", ["2022-13", "9/22", "quý 5/2022", ""])
def test_what_states_no_period_is_refused_with_the_forms_that_do(text):
    with pytest.raises(Unclear, match="2022-Q3"):
        period_asked(text)

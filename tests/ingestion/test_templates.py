import pytest

from ingestion.periods import Period
from ingestion.templates import BadTemplate, compiled, match_period, match_rest


@pytest.mark.parametrize(
    "text", ["ĐVT: nghìn thuê bao", "ĐVT:nghìn thuê bao", "đvt - nghìn thuê bao", "  ĐVT\u00a0:  nghìn  thuê bao "]
)
def test_a_unit_is_found_however_its_title_is_spaced_and_marked(text):
    assert match_rest("ĐVT: {unit}", text) == "nghìn thuê bao"


@pytest.mark.parametrize(("text", "unit"), [("ĐVT: %", "%"), ("ĐVT: thuê bao/100 dân", "thuê bao/100 dân")])
def test_a_unit_keeps_its_marks(text, unit):
    assert match_rest("ĐVT: {unit}", text) == unit


@pytest.mark.parametrize(
    "text", ["ĐVT:", "ĐVT", "", "Đơn vị: thuê bao", "Báo cáo, ĐVT: thuê bao", "ĐVT: " + "x" * 1000]
)
def test_a_text_that_does_not_fit_as_a_whole_gives_no_unit(text):
    assert match_rest("ĐVT: {unit}", text) is None


@pytest.mark.parametrize(
    ("template", "text", "period"),
    [
        ("Tháng {month} năm {year}", "THÁNG  09 NĂM 2022", Period("2022-09")),
        ("{any} tháng {month} năm {year}", "Báo cáo thuê bao - Tháng 9 năm 2022", Period("2022-09")),
        ("Quý {quarter}/{year}", "QUÝ III/2022", Period("2022-Q3")),
        ("dti_{year}", "DTI-2022", Period("2022")),
        ("bc_{year}_{month}", "bc_2022_9", Period("2022-09")),
        ("bc_{day}.{month}.{year}", "bc 15.9.2022", Period("2022-09-15")),
        ("H{half} {year}", "H2 2022", Period("2022-H2")),
        ("Số liệu {period}", "Số liệu: Sơ bộ 2020 (*)", Period("2020", None, True)),
        ("Số liệu {period}", "Số liệu 9 tháng năm 2022", Period("2022-09", "ytd")),
        ("Tháng {month} năm {year}", "Tháng 9 năm 2022 so với tháng 8", None),
        ("Tháng {month} năm {year}", "Tháng 13 năm 2022", None),
        ("bc_{day}.{month}.{year}", "bc 31.2.2022", None),
        ("Số liệu {period}", "Số liệu năm nay", None),
    ],
)
def test_a_period_is_found_by_its_pattern_or_not_at_all(template, text, period):
    assert match_period(template, text) == period


@pytest.mark.parametrize("template", ["{years}", "{year} {year}", "{unit} x", "{period} {any}"])
def test_a_wrong_pattern_is_named(template):
    with pytest.raises(BadTemplate):
        compiled(template)

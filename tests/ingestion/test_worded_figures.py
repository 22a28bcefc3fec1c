"""Figures with bounds, ranges, scales and units in their text: read as they are meant, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.figures import COMPARATOR_OF, SIGNS, WORDS, part_of_cell, read_words, without_marks
from ingestion.numbers import UnreadableNumber
from ingestion.vocabulary import COMPARATORS, QUALIFIERS

UNITS = {
    "%": ("%", Decimal(1)),
    "thuê bao": ("subscription", Decimal(1)),
    "nghìn thuê bao": ("subscription", Decimal(1000)),
    "trạm": ("station", Decimal(1)),
}


def read(text: str, unit: str = "%", multiplier: int = 1, locale: str = "vi") -> tuple[str, Decimal, Decimal | None]:
    found = read_words(text, locale, unit, Decimal(multiplier), UNITS.get)
    return found.word, found.number.value, found.upper and found.upper.value


@pytest.mark.parametrize(
    ("text", "word", "value", "upper"),
    [
        ("≥ 80", "at_least", "80", None),
        (">=80", "at_least", "80", None),
        ("≤80,5", "at_most", "80.5", None),
        ("> 80", "more_than", "80", None),
        ("<80%", "less_than", "80", None),
        ("trên 95%", "more_than", "95", None),
        ("Trên 95 %", "more_than", "95", None),
        ("tối thiểu 20%", "at_least", "20", None),
        ("Ít nhất 20", "at_least", "20", None),
        ("tối đa 20%", "at_most", "20", None),
        ("không quá 20", "at_most", "20", None),
        ("dưới 5%", "less_than", "5", None),
        ("đạt 80%", "exact", "80", None),
        ("đạt trên 80%", "more_than", "80", None),
        ("Đạt ≥ 80%", "at_least", "80", None),
        ("khoảng 48,6%", "approx", "48.6", None),
        ("80% trở lên", "at_least", "80", None),
        ("từ 80% trở lên", "at_least", "80", None),
        ("15% đến 20%", "exact", "15", "20"),
        ("từ 15 đến 20%", "exact", "15", "20"),
        ("tu 15 den 20%", "exact", "15", "20"),
        ("20-25", "exact", "20", "25"),
        ("20 – 25%", "exact", "20", "25"),
        ("1.234,5", "exact", "1234.5", None),
    ],
)
def test_words_and_signs_around_a_figure(text, word, value, upper):
    assert read(text) == (word, Decimal(value), upper and Decimal(upper))


@pytest.mark.parametrize(
    ("text", "multiplier", "word", "value"),
    [
        ("hơn 1,2 triệu", 1, "more_than", 1_200_000),
        ("gần 8.200", 1, "almost", 8_200),
        ("61,3 ngàn", 1, "exact", 61_300),
        ("61,3 nghìn thuê bao", 1, "exact", 61_300),
        ("61,3 nghìn thuê bao", 1000, "exact", 61_300),
        ("61,3 nghìn", 1000, "exact", 61_300),
        ("61,3", 1000, "exact", 61_300),
        ("61.300 thuê bao", 1, "exact", 61_300),
    ],
)
def test_scales_and_units_in_the_cell(text, multiplier, word, value):
    assert read(text, "subscription", multiplier) == (word, Decimal(value), None)


@pytest.mark.parametrize(
    ("text", "unit", "multiplier"),
    [
        ("61.300 thuê bao", "subscription", 1000),  # the column counts thousands
        ("1,2 triệu", "subscription", 1000),
        ("hơn 500 triệu", "billion VND", 1),
        ("5 nghìn", "million VND", 1),
        ("20 trạm", "subscription", 1),
        ("20%", "subscription", 1),
        ("95% dân số", "%", 1),
        ("15% - 20", "%", 1),
        ("15 trạm đến 20%", "%", 1),
        ("trên 15% đến 20%", "%", 1),
        ("trên dưới 20%", "%", 1),
        ("≥ ≤ 20", "%", 1),
        ("> trên 20", "%", 1),
        ("(20)", "%", 1),
        ("- 20", "%", 1),
        ("20-25-30", "%", 1),
        ("25-20", "%", 1),
        ("20% đến 20%", "%", 1),
        ("2 0", "%", 1),
        ("15.85", "%", 1),
        ("12/2022", "%", 1),
        ("≥", "%", 1),
        ("tăng 43", "%", 1),
        ("", "%", 1),
    ],
)
def test_what_is_left_over_or_could_mean_two_things_is_refused(text, unit, multiplier):
    with pytest.raises(UnreadableNumber):
        read(text, unit, multiplier)


def test_the_locale_rules_the_digits_beside_words():
    assert read("trên 15.85%", locale="en") == ("more_than", Decimal("15.85"), None)
    with pytest.raises(UnreadableNumber):
        read("trên 15.85%")


def test_every_word_is_of_the_vocabulary():
    assert {*WORDS.values(), *SIGNS.values()} <= set(QUALIFIERS)
    assert set(COMPARATOR_OF) < set(QUALIFIERS)
    assert set(COMPARATOR_OF.values()) < set(COMPARATORS)


@given(st.text(alphabet="0123456789.,-–%≥<> đếnhơgầtriệu()", max_size=14))
def test_any_text_is_a_figure_whose_digits_stand_in_it_or_is_refused(text):
    try:
        _, number, upper = read(text, "%")
    except UnreadableNumber:
        return
    digits = [part.replace(".", "") for part in "".join(c if c.isdigit() or c in ".," else " " for c in text).split()]
    whole = [str(abs(each).quantize(1, rounding="ROUND_DOWN")) for each in (number, upper) if each is not None]
    assert [str(int(part.split(",")[0])) for part in digits] == whole


@pytest.mark.parametrize(
    ("text", "left", "statuses"),
    [
        ("Hà Nội (1)", "Hà Nội", ("A",)),
        ("1.234 (*)", "1.234", ("P",)),
        ("1.234(*)(1)", "1.234", ("A", "P")),
        ("1.234 (2)", "1.234 (2)", ()),
        ("(*)", "(*)", ()),
    ],
)
def test_declared_marks_are_taken_off_and_others_stay(text, left, statuses):
    assert without_marks(text, {"(*)": "P", "(1)": "A"}) == (left, statuses)


@pytest.mark.parametrize(
    ("text", "rank", "score"), [("01 (0,727)", "01", "0,727"), ("32(0,3)", "32", "0,3"), ("5  ( 0,61 )", "5", "0,61")]
)
def test_rank_and_score_of_one_cell(text, rank, score):
    assert part_of_cell(text, "{value} ({any})") == rank
    assert part_of_cell(text, "{any} ({value})") == score


@pytest.mark.parametrize("text", ["0,727", "01", "01 [0,727]", "01 (0,727) (1)", "(0,727)", "01 (0,727", ""])
def test_a_cell_that_is_not_written_like_its_pattern_is_refused(text):
    with pytest.raises(UnreadableNumber):
        part_of_cell(text, "{value} ({any})")


def test_half_of_a_cell_of_two_figures_is_neither():
    for half in ("(0,727)", "01 ()", "01"):
        for pattern in ("{value} ({any})", "{any} ({value})"):
            with pytest.raises(UnreadableNumber):
                part_of_cell(half, pattern)

"""Sentences and numbers of an explanation in both languages."""

from decimal import Decimal

import pytest

from warehouse.explain.words import LANGUAGES, in_both, number_text, plain_text, say


@pytest.mark.parametrize(
    ("number", "vi", "en", "plain"),
    [
        ("1234567.5000000000", "1.234.567,5", "1,234,567.5", "1234567.5"),
        ("-0.0000000001", "-0,0000000001", "-0.0000000001", "-0.0000000001"),
        ("200.0000000000", "200", "200", "200"),
        ("0E-10", "0", "0", "0"),
    ],
)
def test_a_number_is_printed_as_its_language_does_without_zeros_that_tell_nothing(number, vi, en, plain):
    told = Decimal(number)
    assert (number_text(told, "vi"), number_text(told, "en"), plain_text(told)) == (vi, en, plain)


def test_what_has_no_value_is_said_in_words_and_is_null_for_machines():
    assert [number_text(None, language) for language in LANGUAGES] == ["không có giá trị", "no value"]
    assert plain_text(None) is None


def test_a_sentence_names_its_facts_and_says_a_dash_where_there_are_none():
    assert say("reason", "incomplete_coverage", "en", missing=["P63-26", "P63-17"]) == (
        "Figures are missing of: P63-17, P63-26."
    )
    assert in_both("reason", "missing_part", missing=[]) == {
        "vi": "Thiếu chỉ số thành phần: —.",
        "en": "Parts of the index are missing: —.",
    }

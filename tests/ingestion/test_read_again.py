"""Every figure that is stored follows from the text of its cell, as the source declares it to be written."""

from decimal import Decimal

import pytest

from ingestion.read_again import multiplier_between
from ingestion.reference import load_reference
from ingestion.source import load_source
from tests.ingestion.conftest import SEEDS, SOURCES_DIR
from tests.ingestion.real_files import FILES, read


@pytest.fixture(scope="module")
def reference():
    return load_reference([SEEDS])


@pytest.mark.parametrize("source_id", FILES)
def test_the_text_of_every_cell_of_a_published_file_leads_to_its_figure(real_dir, reference, source_id):
    source = load_source(SOURCES_DIR / f"{source_id}.yml")
    rows = [row for row in read(real_dir, source_id).rows.to_pylist() if row["value"] is not None]
    read_figures = {(row["value_text"], row["value"], row["unit"]) for row in rows if not row["correction"]}
    assert (len(read_figures) > 30) == (source_id != "mof_plan_2003")  # of 61 provinces, which no set knows: no rows
    assert [each for each in read_figures if multiplier_between(*each, source, reference) is None] == []


@pytest.mark.parametrize(
    ("text", "figure", "multiplier"),
    [
        ("123,794", "123794", "1000"),  # thousands, decimal comma
        ("1.699,116", "1699116", "1000"),
        ("142", "142", "1"),
        ("142", "142000", "1000"),
        ("123,794", "123795", None),
        ("123.794", "12379.4", None),
        ("abc", "1", None),
    ],
)
def test_the_multiplier_is_one_of_the_unit_or_there_is_none(reference, text, figure, multiplier):
    source = load_source(SOURCES_DIR / "mobifone.yml")
    found = multiplier_between(text, Decimal(figure), "subscription", source, reference)
    assert found == (None if multiplier is None else Decimal(multiplier))


def test_words_and_percentages_are_read_as_the_source_writes_them(reference):
    source = load_source(SOURCES_DIR / "vietq_vinh_long_2022.yml")
    assert multiplier_between("80%", Decimal(80), "%", source, reference) == 1
    assert multiplier_between("81%", Decimal(80), "%", source, reference) is None

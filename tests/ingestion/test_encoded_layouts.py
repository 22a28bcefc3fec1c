"""The layout of a file with columns in an old encoding is recorded as its texts read."""

import pytest

from ingestion.errors import SourceError
from ingestion.read import read_file
from tests.ingestion.sheets import LONG, LONG_HEADER, source, text_file
from tests.ingestion.test_legacy_text import FACT, written


def test_the_layout_of_a_file_is_told_by_its_texts_once_they_are_decoded(tmp_path, reference):
    def record_of(place: str, total: str, **layout):
        rows = [FACT.format(place=place), FACT.format(place=total)]
        return read_file(text_file(tmp_path, LONG_HEADER, *rows), "a.csv", source(tmp_path, LONG, layout), reference)

    encoded = {"encoded_columns": [{"column": "place", "encoding": "tcvn3"}]}
    old = record_of(written("Đồng Tháp", "tcvn3"), written("Tổng số", "tcvn3"), **encoded)
    new = record_of("Đồng Tháp", "Tổng số")
    assert old.layout == new.layout
    assert new.layout[0]["total"] == "last"


def test_an_encoded_column_that_nothing_is_read_from_is_a_mistake_of_the_source(tmp_path):
    with pytest.raises(SourceError, match="encoded_columns"):
        source(tmp_path, LONG, {"encoded_columns": [{"column": "ghi chú", "encoding": "vni"}]})

"""Plain rows of a worksheet, measured at once: never otherwise than a parser that follows their tags."""

from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.readers.xlsx_rows import Extent, extent, runs
from ingestion.text import cell_position

PLAIN = (
    b'<row r="2" spans="1:3"><c r="A2"><v>1</v></c><c r="B2" s="4" t="s"><v>0</v></c><c r="AB2" s="1"/></row>'
    b'<row r="13"><c r="C13" t="inlineStr"><is><t>H\xc3\xa0 N\xe1\xbb\x99i</t></is></c><c r="D13"></c></row>'
    b'<row r="20"></row><row r="21" ht="15" customHeight="1"/>'
)
PIECES = [
    b"<", b">", b"/", b'"', b" ", b"=", b"'", b"&amp;", b"\n", b"\0", b"\xff", b"0", b"XFD1048576", b"<f>1</f>",
    b' t="e"', b' r="Z9"', b"</c>", b"<c>", b"<v>", b"</row>", b'<row r="7">', b"<!-- -->", b"<x:v>1</x:v>", b"<v/>",
]  # fmt: skip


BAD_ATTRIBUTES = (
    expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE],
)


def followed(run: bytes) -> Extent:
    """How far the cells with content reach, and the last row. Raises ExpatError, ValueError."""
    rows, columns, last, cell = 0, 0, 0, (0, 0)

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal rows, columns, last, cell
        assert name in ("all", "row", "c", "v", "is", "t")
        assert attributes.get("t") != "e"
        if name == "row":
            last = int(attributes["r"])
        elif name == "c":
            cell = cell_position(attributes["r"])
        elif name in ("v", "is"):
            rows, columns = max(rows, cell[0] + 1), max(columns, cell[1] + 1)

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    parser.Parse(b"<all>" + run + b"</all>", True)
    return Extent(rows, columns, last)


def test_plain_rows_reach_as_far_as_their_last_cell_with_content():
    assert extent(PLAIN) == followed(PLAIN) == Extent(13, 3, 21)


@given(data=st.data())
def test_rows_with_pieces_replaced_are_left_to_those_who_follow_tags_or_measured_as_they_do(data):
    run = PLAIN
    for _ in range(data.draw(st.integers(1, 3))):
        first = data.draw(st.integers(0, len(run)))
        last = first + data.draw(st.sampled_from([0, 1, 3]))
        run = run[:first] + data.draw(st.sampled_from(PIECES)) + run[last:]
    found = extent(run)
    if found is not None:
        try:
            assert found == followed(run)
        except expat.ExpatError as error:
            # Attributes that no cell needs to stand where it stands are left to calamine.
            assert error.code in BAD_ATTRIBUTES


@pytest.mark.parametrize("size", [1, 7, 50, 1000])
def test_a_part_comes_in_order_and_whole_rows_of_it_as_runs(size):
    content = b"<sheetData>" + PLAIN * 5 + b"</sheetData>"
    found = list(runs(content[at : at + size] for at in range(0, len(content), size)))
    assert b"".join(piece for piece, _ in found) == content
    assert all(piece.startswith(b"<row ") and piece.endswith(b"</row>") for piece, are_rows in found if are_rows)
    if size == 1000:
        assert max(len(piece) for piece, are_rows in found if are_rows) > len(PLAIN)

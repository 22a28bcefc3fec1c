"""Rows of a worksheet that are written as most programs write them, measured many at once instead of tag by tag.

Anything else in a run of rows leaves all of it to those who follow tags: other tags (a formula), a cell without its
address, an error, quotes or blanks of another kind, a character that stands for another one. Other attributes than the
address are not judged: none of them moves a cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, NamedTuple

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]

# The tags as they are written, those with attributes up to the value of the first. No two begin with the same letters.
_TAGS = (b'<row r="', b"</row>", b'<c r="', b"</c>", b"<v>", b"</v>", b"<is>", b"</is>", b"<t>", b"</t>")
_ROW, _ROW_END, _CELL, _CELL_END, _V, _V_END, _IS, _IS_END, _T, _T_END = range(len(_TAGS))
_BLANK_CELL = len(_TAGS)  # `<c r="A1" s="1"/>`
_NEXT = {
    _ROW: (_CELL, _BLANK_CELL, _ROW_END),
    _ROW_END: (_ROW,),
    _CELL: (_V, _IS, _CELL_END),
    _CELL_END: (_CELL, _BLANK_CELL, _ROW_END),
    _BLANK_CELL: (_CELL, _BLANK_CELL, _ROW_END),
    _V: (_V_END,),
    _V_END: (_CELL_END,),
    _IS: (_T,),
    _IS_END: (_CELL_END,),
    _T: (_T_END,),
    _T_END: (_IS_END,),
}
_MAY_FOLLOW = np.array([[after in _NEXT[tag] for after in sorted(_NEXT)] for tag in sorted(_NEXT)])
_BY_LETTERS = np.full(1 << 16, -1, np.int8)
for _number, _tag in enumerate(_TAGS):
    _BY_LETTERS[_tag[1] << 8 | _tag[2]] = _number

_UNUSUAL = (b"&", b"'", b"= ", b" =", b' t="e"')
_MOST_LETTERS, _MOST_DIGITS = 3, 7
# What an address or a tag may reach beyond the end of the run.
_PADDING = bytes(16)


class Extent(NamedTuple):
    """The last row and column that have a cell with content, 0 where none has; and the last row."""

    rows: int
    columns: int
    last_row: int


def runs(stream: IO[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """The content of a part from first to last, piece by piece, and whether the piece is a run of whole rows."""
    rest = b""
    while more := stream.read(size):
        piece = rest + more
        first, last = piece.find(_TAGS[_ROW]), piece.rfind(_TAGS[_ROW_END])
        if 0 <= first < last:
            last += len(_TAGS[_ROW_END])
            yield piece[:first], False
            yield piece[first:last], True
            rest = piece[last:]
        else:
            yield piece, False
            rest = b""
    yield rest, False


def extent(run: bytes) -> Extent | None:
    """How far the cells of a run of whole rows reach, counted from 1; None where the run is not plain."""
    if any(each in run for each in _UNUSUAL) or not _is_printed(run):
        return None
    content = np.frombuffer(run + _PADDING, np.uint8)
    starts, ends = np.flatnonzero(content == ord("<")), np.flatnonzero(content == ord(">"))
    if len(starts) != len(ends) or (ends < starts).any() or (starts[1:] < ends[:-1]).any():
        return None
    tags = _tags(content, starts, ends)
    if (tags < 0).any() or not _MAY_FOLLOW[tags[:-1], tags[1:]].all():
        return None
    are_cells, are_rows = (tags == _CELL) | (tags == _BLANK_CELL), tags == _ROW
    # Every tag has the one address that it begins with.
    if run.count(b' r="') != np.count_nonzero(are_cells | are_rows):
        return None
    are_filled = are_cells[:-1] & ((tags[1:] == _V) | (tags[1:] == _IS))
    columns, rows = _addresses(content, starts[are_cells] + len(_TAGS[_CELL]))
    _, row_numbers = _addresses(content, starts[are_rows] + len(_TAGS[_ROW]))
    if (columns < 1).any() or (rows < 1).any() or (row_numbers < 1).any():
        return None
    filled = are_filled[are_cells[:-1]]
    return Extent(int(rows[filled].max(initial=0)), int(columns[filled].max(initial=0)), int(row_numbers[-1]))


def _is_printed(run: bytes) -> bool:
    """Whether the run is UTF-8 without control characters."""
    try:
        run.decode()
    except UnicodeDecodeError:
        return False
    return bool(np.frombuffer(run, np.uint8).min() >= ord(" "))


def _tags(content: Bytes, starts: Integers, ends: Integers) -> npt.NDArray[np.int8]:
    """The number of each tag, -1 for any that is not known."""
    found = _BY_LETTERS[content[starts + 1].astype(np.uint16) << 8 | content[starts + 2]]
    for number, tag in enumerate(_TAGS):
        here = np.flatnonzero(found == number)
        are_it = np.ones(len(here), bool)
        for at in range(3, len(tag)):
            are_it &= content[starts[here] + at] == tag[at]
        if tag.endswith(b">"):
            are_it &= ends[here] == starts[here] + len(tag) - 1
        found[here[~are_it]] = -1
    are_closed = content[ends - 1] == ord("/")
    found[are_closed & (found == _CELL)] = _BLANK_CELL
    found[are_closed & (found == _ROW)] = -1
    return found


def _addresses(content: Bytes, at: Integers) -> tuple[Integers, Integers]:
    """Column and row of the addresses that begin at these places; 0 for letters, a number, or both that are none."""
    columns, rows = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    for _ in range(_MOST_LETTERS):
        letters = content[at]
        are_letters = (letters >= ord("A")) & (letters <= ord("Z"))
        columns = np.where(are_letters, columns * 26 + letters - (ord("A") - 1), columns)
        at = at + are_letters
    begin_with_zero = content[at] == ord("0")
    for _ in range(_MOST_DIGITS):
        digits = content[at]
        are_digits = (digits >= ord("0")) & (digits <= ord("9"))
        rows = np.where(are_digits, rows * 10 + digits - ord("0"), rows)
        at = at + are_digits
    rows[begin_with_zero | (content[at] != ord('"'))] = 0
    return columns, rows

"""Rows of a worksheet that are written as most programs write them, measured many at once instead of tag by tag.

Anything else in a run of rows leaves all of it to those who follow tags: other tags (a formula), a cell without its
address, an error, quotes or blanks of another kind, a character that stands for another one. Other attributes than the
address and the type are not judged: none of them moves a cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]

_ROW, _ROW_END, _CELL = b'<row r="', b"</row>", b'<c r="'
_MOST_LETTERS, _MOST_DIGITS = 3, 7
_NUMBER = f"[1-9][0-9]{{0,{_MOST_DIGITS - 1}}}"
_TEXT = r"[^<>&\x00-\x1f]*"
# Any but the address, which comes first and once, and the type of an error.
_ATTRIBUTE = (
    r'(?: t="(?:n|s|str|b|d|inlineStr)"| (?:[a-qsu-zA-Z]|[a-zA-Z][a-zA-Z0-9:]+)="[^"<>&\x00-\x1f]*")'  # no `r`, no `t`
)
_CONTENT = f"(?:<v>{_TEXT}</v>|<is>(?:<t>{_TEXT}</t>)?</is>)?"
_PLAIN_CELL = f'<c r="[A-Z]{{1,{_MOST_LETTERS}}}{_NUMBER}"{_ATTRIBUTE}*(?:/>|>{_CONTENT}</c>)'
# Arrow's expressions (RE2) take one step a byte, whatever they are given.
_PLAIN_ROWS = f'^(?:<row r="{_NUMBER}"{_ATTRIBUTE}*(?:/>|>(?:{_PLAIN_CELL})*</row>))*$'


class Extent(NamedTuple):
    """The last row and column that have a cell with content, 0 where none has; and the last row."""

    rows: int
    columns: int
    last_row: int


def runs(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The content of a part from first to last, piece by piece, and whether the piece is a run of whole rows."""
    rest = b""
    for more in pieces:
        piece = rest + more
        first, last = piece.find(_ROW), piece.rfind(_ROW_END)
        if 0 <= first < last:
            last += len(_ROW_END)
            yield piece[:first], False
            yield piece[first:last], True
            rest = piece[last:]
        else:
            yield piece, False
            rest = b""
    yield rest, False


def extent(run: bytes) -> Extent | None:
    """How far the cells of a run of whole rows reach, counted from 1; None where the run is not plain."""
    if not _is_plain(run):
        return None
    content = np.frombuffer(run, np.uint8)
    tags = np.flatnonzero(content == ord("<"))
    # By their first letters: of `<c`, `<v>`, `<is>` and others, closing ones among them.
    kinds = content[tags + 1]
    are_filled = (kinds[:-1] == ord("c")) & ((kinds[1:] == ord("v")) | (kinds[1:] == ord("i")))
    columns, rows = _addresses(content, tags[:-1][are_filled] + len(_CELL))
    last = run.rfind(_ROW) + len(_ROW)
    return Extent(int(rows.max(initial=0)), int(columns.max(initial=0)), int(run[last : run.find(b'"', last)]))


def _is_plain(run: bytes) -> bool:
    """Whether the run is UTF-8 and nothing but plain rows."""
    try:
        text = pa.array([run], pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return bool(pc.match_substring_regex(text, _PLAIN_ROWS)[0].as_py())


def _addresses(content: Bytes, at: Integers) -> tuple[Integers, Integers]:
    """Column and row of the addresses that begin at these places."""
    columns, rows = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    for _ in range(_MOST_LETTERS):
        letters = content[at]
        are_letters = letters >= ord("A")
        columns = np.where(are_letters, columns * 26 + letters - (ord("A") - 1), columns)
        at = at + are_letters
    for _ in range(_MOST_DIGITS):
        digits = content[at]
        are_digits = digits >= ord("0")  # a quote, which comes behind them, is less
        rows = np.where(are_digits, rows * 10 + digits - ord("0"), rows)
        at = at + are_digits
    return columns, rows

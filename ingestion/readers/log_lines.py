"""The lines of a log in chunks: unpacked, in UTF-8, bounded in memory whatever the file holds."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingestion.errors import FileFault
from ingestion.grid import Limits, check_size, too_large

# First bytes -> name of the packing; of those without a codec the file is refused by name.
PACKINGS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
STRANGERS = {
    b"PK\x03\x04": "zip/xlsx",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7z",
    b"PAR1": "parquet",
    b"\xd0\xcf\x11\xe0": "xls",
    b"%PDF": "pdf",
}
_FEW = 4_096
UNDECODABLE = "\ufffd".encode()


@dataclass(frozen=True)
class LogLimits:
    """Bounds of reading a log: of memory, and of what no log of a portal holds.

    A table of texts holds at most `chunk_rows` records of `chunk_bytes`. A line beyond `line_bytes` is refused; a
    quoted field may run over `record_lines` lines; a text that is read may have `text_bytes`. A packed file may grow
    `unpacked_ratio` fold, small ones any. DuckDB gets `memory_limit`, `threads` (0: all cores) and spills to
    `temp_folder` (None: nowhere).
    """

    memory_limit: str = "512MB"
    threads: int = 0
    temp_folder: Path | None = None
    file_bytes: int = 50 * 2**30
    unpacked_ratio: int = 400
    ratio_free_bytes: int = 64 * 2**20
    chunk_bytes: int = 8 * 2**20
    chunk_rows: int = 65_536
    line_bytes: int = 2**20
    record_lines: int = 200
    text_bytes: int = 1_000
    columns: int = 500


LOG_LIMITS = LogLimits()


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive whole lines, or (`is_too_long`) one line beyond the limit, whose text is gone."""

    data: bytes
    first_line: int
    is_last: bool = False
    is_too_long: bool = False


def chunks(path: Path, encoding: str, limits: LogLimits) -> Iterator[Chunk]:
    """The lines of a text file, in order; the last chunk says so and may be empty.

    Raises FileFault empty_file, unreadable_file (damaged packing, another format), too_large.
    """
    rest, line, skipping = b"", 1, False
    for raw in _decoded(path, encoding, limits):
        data, rest = rest + raw, b""
        if skipping:
            end = data.find(b"\n") + 1
            if not end:
                continue
            data, skipping = data[end:], False
            yield Chunk(b"", line, is_too_long=True)
            line += 1
        end = data.rfind(b"\n") + 1
        data, rest = data[:end], data[end:]
        for piece, lines in _pieces(data, limits.chunk_rows):
            yield Chunk(piece, line)
            line += lines
        if len(rest) > limits.line_bytes:
            rest, skipping = b"", True
    if skipping:
        yield Chunk(b"", line, is_too_long=True)
    yield Chunk(rest, line, is_last=True)


def _pieces(data: bytes, most_lines: int) -> Iterator[tuple[bytes, int]]:
    """Whole lines in pieces of at most so many, and how many: nothing but line breaks has millions in a chunk."""
    lines = data.count(b"\n")
    if lines <= most_lines:
        if data:
            yield data, lines
        return
    bounds = [*line_starts(data)[::most_lines].tolist(), len(data)]
    for begin, end in pairwise(bounds):
        if end > begin:
            yield data[begin:end], data.count(b"\n", begin, end)


def line_starts(data: bytes) -> np.ndarray:
    """Where each line of some text begins, and where the text ends."""
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n")) + 1
    return np.concatenate(([0], ends) if data.endswith(b"\n") else ([0], ends, [len(data)]))


def views(data: bytes, bounds: np.ndarray) -> pa.BinaryArray:
    """What lies between neighbouring bounds, as views of the bytes: copies of each would scatter memory."""
    buffers = [None, pa.py_buffer(bounds.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), len(bounds) - 1, buffers)


def unpacked(path: Path, limits: LogLimits) -> Iterator[bytes]:
    """The bytes of a file that may be packed by gzip or zstd, by its first bytes, not by its name."""
    check_size(path, Limits(file_bytes=limits.file_bytes))
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(8)
    stranger = next((name for magic, name in STRANGERS.items() if head.startswith(magic)), None)
    if stranger is not None:
        raise unreadable(f"tệp là {stranger}, khác khai báo", f"it is {stranger}, not what is declared")
    codec = next((name for magic, name in PACKINGS.items() if head.startswith(magic)), None)
    total = 0
    with pa.OSFile(str(path)) as file:
        stream = pa.CompressedInputStream(file, codec) if codec else file
        while True:
            try:
                raw = stream.read(limits.chunk_bytes)
            except OSError as error:
                if error.errno is not None:  # a disk that fails is no fault of the publisher
                    raise
                raw = None
            if raw is None:
                raise unreadable(
                    f"dữ liệu nén {codec} bị cắt cụt hoặc hỏng sau {total:,} byte",
                    f"its {codec} packing is cut short or damaged after {total:,} bytes",
                )
            if not raw:
                return
            total += len(raw)
            if codec and total > limits.ratio_free_bytes and total > size * limits.unpacked_ratio:
                ratio = f"{limits.unpacked_ratio:,}×"
                raise too_large(f"giải nén ra hơn {total:,} byte", f"it unpacks to over {total:,} bytes", ratio)
            yield raw


def _decoded(path: Path, encoding: str, limits: LogLimits) -> Iterator[bytes]:
    """The file in UTF-8 without byte order mark. Bytes the declared encoding does not know become U+FFFD."""
    source = unpacked(path, limits)
    first = next(source, b"")
    if encoding == "utf-8":
        check_no_utf16(first)
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from source
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    try:
        head = decoder.decode(first)
    except UnicodeError:  # of UTF-16 the mark at the beginning says which of two it is
        head = None
    if head is None:
        raise unreadable(f"tệp không có dấu BOM của {encoding}", f"it does not begin with the mark of {encoding}")
    yield head.removeprefix("\ufeff").encode("utf-8", "replace")
    for raw in source:
        yield decoder.decode(raw).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def check_no_utf16(first: bytes) -> None:
    """Raise FileFault when a file declared as UTF-8 begins with the mark of UTF-16."""
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise unreadable("tệp mã hóa UTF-16, khai báo là utf-8", "it is UTF-16 and declared as utf-8")


def is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8; of many it makes no text."""
    if len(data) < _FEW:
        try:
            data.decode()
        except UnicodeDecodeError:
            return False
        return True
    offsets = pa.array([0, len(data)], pa.int64()).buffers()[1]
    try:
        pa.Array.from_buffers(pa.large_binary(), 1, [None, offsets, pa.py_buffer(data)]).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def unreadable(found_vi: str, found_en: str) -> FileFault:
    """The fault of a log that cannot be read at all; says nothing of what it holds."""
    return FileFault(
        "unreadable_file",
        f"Không đọc được tệp nhật ký: {found_vi}; đề nghị gửi lại, hoặc sửa format, encoding của nguồn.",
        f"The log cannot be read: {found_en}; ask for it again, or correct format and encoding of the source YAML.",
    )

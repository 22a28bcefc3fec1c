"""Invented persons, and a search for what is left of them in every file of a folder, packed or in a database."""

import base64
import json
import re
import sqlite3
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.generate_world import FAMILY_NAMES, MIDDLE_NAMES

# Each stands in something planted: syllables no other text has, beginnings of numbers no clock or counter shows.
MARKS = (
    *("Khuyếch", "Ngoẵng", "zqhopthu", "Khuỳnh Zốp"),
    *("98765040", "987 650", "987.650", "987-650"),
    *("38185704", "0381 8570", "H56-210531-77"),
)


def _bytes(raw: bytes) -> str:
    """A pattern of just these bytes."""
    return "".join(f"\\x{byte:02x}" for byte in raw)


# What generated logs say of persons, and their dossier numbers. After a point the digits may be those of two clocks in
# a database: `…:51.099901` and `2026-…`; between letters up to f they may be part of a hash.
GENERATED = (
    r"@example\.com|(?:^|[^0-9a-f.])099[0-9]{7}(?:[0-9]{2})?(?:[^0-9a-f]|$)|000\.\d\d\.\d\d\.H\d\d-\d{6}-\d{5}|"
    + "|".join(_bytes(f"{family} {middle} ".encode()) for family in FAMILY_NAMES for middle in MIDDLE_NAMES)
)
# Letters of the marks in fonts of the nineties.
TCVN3 = str.maketrans({"ế": "\xd5", "ẵ": "\xbd", "ỳ": "\xfa", "ố": "\xe8"})


def person(number: int) -> dict[str, str]:
    """One invented person; nothing of it is found in real data, in the code or in another number's."""
    return {
        "name": f"Trịnh Thị Khuyếch Ngoẵng {chr(0x41 + number % 26)}{number}",
        "telephone": f"098765040{number % 10}",
        "e_mail": f"zqhopthu{number}@example.com",
        "identity": f"038185704{number:03}",
        "address": f"Ngõ {number}, phố Khuỳnh Zốp",
        "dossier": f"000.17.22.H56-210531-77{number:03}",
    }


def spellings(number: int) -> list[str]:
    """What a clerk may have typed in place of anything else: each holds one of MARKS in some form."""
    one = person(number)
    name, telephone, identity = one["name"], one["telephone"], one["identity"]
    return [
        *(name, unicodedata.normalize("NFD", name), without_accents(name), name.upper(), name.replace(" ", "")),
        *(name.rsplit(" ", 1)[0], "Khuyếch", "NGOẴNG", f"{name} - {telephone}"),
        *(telephone, telephone[1:], f"+84{telephone[1:]}", "0987 650 401", "0987.650.401", "0987-650-401"),
        *(one["e_mail"], one["e_mail"].upper(), identity, identity[1:], "0381 8570 4001", f"'{identity}"),
        *(one["address"], one["dossier"] + " " + name, f'=HYPERLINK("{one["e_mail"]}")'),
    ]


def without_accents(text: str) -> str:
    letters = unicodedata.normalize("NFD", text).replace("đ", "d").replace("Đ", "D")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def cp1258(text: str) -> bytes:
    """As Windows of Viet Nam writes it: letters with their hat, the tone after them."""
    text = unicodedata.normalize("NFD", text)
    for hat, letters in {"\u0302": "aeoAEO", "\u0306": "aA", "\u031b": "ouOU"}.items():
        for letter in letters:
            for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"):
                text = text.replace(letter + tone + hat, unicodedata.normalize("NFC", letter + hat) + tone)
    return text.encode("cp1258", "replace")


def forms(mark: str) -> set[bytes]:
    """A text in all letters, cases, encodings and escapes in which it may have been written down."""
    letters = {mark, unicodedata.normalize("NFD", mark), without_accents(mark)}
    found = {mark.translate(TCVN3).encode("latin-1"), mark.translate(TCVN3).encode()}
    for text in {change(each) for each in letters for change in (str, str.upper, str.lower)}:
        raw = text.encode()
        found |= {raw, raw.hex().encode(), raw.hex().upper().encode()}
        found |= {text.encode("utf-16-le"), text.encode("utf-16-be")}
        found |= {quote(text).encode(), repr(raw)[2:-1].encode(), json.dumps(text)[1:-1].encode()}
        found |= {
            json.dumps(text)[1:-1].upper().replace("\\U", "\\u").encode(),
            json.dumps(json.dumps(text))[3:-3].encode(),
        }
        found.add(raw.decode("cp1252", "replace").encode())
        for shift in range(3):  # base64 of a text that begins anywhere
            packed = base64.b64encode(b"\0" * shift + raw).decode()
            found.add(packed[-(-shift * 8 // 6) : len(packed) - 4].encode())
    found.add(cp1258(mark))
    return {each for each in found if len(each) > 3}


FORMS = sorted({form for mark in MARKS for form in forms(mark)})
_ANY_FORM = "|".join(map(_bytes, FORMS))


def left_of_persons(folder: Path, *but: Path) -> list[tuple[str, bytes]]:
    """Every place under a folder, but for those given, where something planted or generated can be read.

    Looks into each file as it lies there, and unpacked: gzip, zstd, zlib, Parquet, DuckDB, SQLite.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or any(each == path or each in path.parents for each in but):
            continue
        name = str(path.relative_to(folder))
        found += [(name, name.encode()) for form in _found(name.encode())]
        for content in contents(path):
            found += [(name, content[max(at - 60, 0) : at + 60]) for at in _found(content)]
    return found


def _found(content: bytes) -> Iterator[int]:
    """Where the first of each kind stands."""
    whole = pa.array([content], pa.large_binary())
    if pc.match_substring_regex(whole, _ANY_FORM)[0].as_py():  # as fast for hundreds of forms as for one
        yield from (at for form in FORMS if (at := content.find(form)) >= 0)
    if pc.match_substring_regex(whole, GENERATED)[0].as_py():
        yield from (match.start() for match in [re.search(GENERATED.encode(), content)] if match)


def contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and whatever they hold in a packed or typed form, as text."""
    raw = path.read_bytes()
    yield raw
    if raw.startswith(b"\x1f\x8b"):
        yield _unpacked(raw)
    if raw.startswith(b"\x28\xb5\x2f\xfd"):
        with pa.CompressedInputStream(pa.BufferReader(raw), "zstd") as stream:
            yield stream.read()
    if raw[4:].endswith(b"PAR1") and raw.startswith(b"PAR1"):  # one cut short can be read by nobody
        file = pq.ParquetFile(path)
        yield str(file.schema_arrow).encode() + str(file.metadata.metadata).encode()
        yield str(file.read().to_pylist()).encode()
    if raw[8:12] == b"DUCK":
        yield from _duckdb_tables(path)
    if raw.startswith(b"SQLite format 3\0"):
        yield from _sqlite_tables(path)


def _unpacked(raw: bytes) -> bytes:
    """As much of it as can be unpacked."""
    stream, found = zlib.decompressobj(31), b""
    with suppress(zlib.error):
        for begin in range(0, len(raw), 500):
            found += stream.decompress(raw[begin : begin + 500])
    return found


def _duckdb_tables(path: Path) -> Iterator[bytes]:
    with duckdb.connect(str(path), read_only=True) as connection:
        yield str(connection.execute("select sql, comment from duckdb_tables()").fetchall()).encode()
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for schema, table in tables:
            yield str(connection.execute(f'from "{schema}"."{table}"').fetchall()).encode()


def _sqlite_tables(path: Path) -> Iterator[bytes]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.text_factory = bytes
    tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
    found: list[bytes] = []
    for (table,) in tables:
        for row in connection.execute(f'select * from "{table.decode()}"'):
            for value in row:
                found.append(value if isinstance(value, bytes) else str(value).encode())
                if found[-1][:1] == b"\x78":  # Dagster keeps what a job looked like packed by zlib
                    with suppress(zlib.error):
                        found.append(zlib.decompress(found[-1]))
    connection.close()
    yield b"\n".join(found)

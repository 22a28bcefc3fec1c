"""The audit pack of a release: one zip with all that a release rests on, which `verify_pack.py` checks on its own.

The same release and the same installation give the same bytes: entries of the ledger after the release's own, clocks
and places of this machine do not enter. Nothing here was private before: rejected lines of dossier logs are masked.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from warehouse import verify_pack as form
from warehouse.canonical import canonical_json, utc_text
from warehouse.code_version import code_hash
from warehouse.content import UNHASHED_TABLES, row_texts
from warehouse.errors import StoreError, clear_errors
from warehouse.files import put_in_place, temporary
from warehouse.ledger import Ledger, entries, hashed_lines
from warehouse.release_files import DATABASE, MANIFEST

_PIECE = 1 << 20
_LIMIT = 0xFFFF_FFFE  # bytes of a zip, and of each member, that a zip without extensions can tell
_MOST_MEMBERS = 0xFFFE
KEPT = "kept"

Content = Callable[[], Iterable[bytes]]


def pack_members(
    ledger: Ledger,
    release_id: str,
    folder: Path,
    code_files: Mapping[str, str],
    *,
    outputs: bool = True,
    files: str = KEPT,
) -> dict[str, Content]:
    """Everything a pack holds but its list: name to what gives its bytes.

    Args:
        ledger: told up to the release's own entry.
        release_id: a published release.
        folder: its files, which are to be checked before.
        code_files: name to path, as `code_version.code_files` gives them.
        outputs: False leaves out all tables but those of the audit.
        files: how the folder came to be: KEPT as published, `copied` from there, or the same content `built_again`.

    Raises:
        LookupError: there is no such release.
    """
    published = {entry.subject_id: entry for entry in entries(ledger, "release")}[release_id]
    told = [
        form.Entry(e.entry_no, utc_text(e.at), e.kind, e.subject_id, e.payload, e.previous_hash, e.entry_hash)
        for e in entries(ledger, up_to=published.entry_no)
    ]
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    records = form.records_of(told, [each["load_id"] for each in manifest["inputs"]])
    code_sha256 = code_hash(code_files)
    facts = form.facts_of(told[-1], "all" if outputs else "audit", files, code_sha256)
    verifier = Path(form.__file__).read_bytes()
    found: dict[str, Content] = {
        form.FACTS: lambda: [canonical_json(facts).encode() + b"\n"],
        form.LEDGER: lambda: _encoded(hashed_lines(ledger, published.entry_no)),
        form.READ_ME: lambda: [verifier.split(b'"""')[1]],
        form.VERIFIER: lambda: [verifier],
        **{name: partial(_records, lines) for name, lines in records.items()},
        **{form.CODE + name: partial(_file, path) for name, path in code_files.items()},
        **{form.RELEASE + name: partial(_file, folder / name) for name in _release_files(folder)},
    }
    tables = [table for table in published.payload["row_counts"] if table not in UNHASHED_TABLES]
    for table in tables if outputs else [table for table in tables if table.startswith("audit_")]:
        found[f"{form.OUTPUTS}{table}.ndjson"] = partial(_table, folder / DATABASE, table)
    return dict(sorted(found.items()))


def write_pack(target: Path, members: Mapping[str, Content]) -> str:
    """Writes a pack, all at once, and returns its root.

    Args:
        target: the zip; one that is there is replaced.
        members: what `pack_members` gave.

    Raises:
        StoreError: disk full or not writable, or more than a zip of this form can hold.
    """
    with (
        clear_errors(f"ghi {target}", f"writing {target}"),
        TemporaryDirectory(prefix=".tmp-pack-", dir=target.absolute().parent) as folder,
    ):
        packed = Path(folder) / "packed"
        with open(packed, "wb") as stream:
            listed = [_deflate(name, members[name](), stream) for name in sorted(members)]
        _require_small([member.bytes for member in listed], packed.stat().st_size)
        work = temporary(target.absolute())
        with open(packed, "rb") as source, open(work, "wb") as zip_file:
            _assemble(listed, source, zip_file)
        put_in_place(work, target.absolute())
    return form.root_of(listed)


def _assemble(listed: list[form.Member], source: Any, target: Any) -> None:
    text = form.list_of(listed)
    own = form.list_member(text)
    offsets = [0]
    target.write(form.local_header(own) + text)
    for member in listed:
        offsets.append(target.tell())
        target.write(form.local_header(member))
        _copy(source, target, member.packed_bytes)
    start = target.tell()
    for member, offset in zip([own, *listed], offsets, strict=True):
        target.write(form.central_entry(member, offset))
    target.write(form.end_record(len(offsets), target.tell() - start, start))


def _copy(source: Any, target: Any, size: int) -> None:
    while size:
        piece = source.read(min(size, _PIECE))
        target.write(piece)
        size -= len(piece)


def _deflate(name: str, pieces: Iterable[bytes], stream: Any) -> form.Member:
    """Writes the compressed bytes of a member and tells what its line in the list says."""
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -15)
    digest, packed_digest, size, packed_size, crc = hashlib.sha256(), hashlib.sha256(), 0, 0, 0
    for piece in chain(pieces, [None]):
        if piece is not None:
            digest.update(piece)
            crc, size = zlib.crc32(piece, crc), size + len(piece)
        packed = squeeze.flush() if piece is None else squeeze.compress(piece)
        packed_digest.update(packed)
        packed_size += len(packed)
        stream.write(packed)
    return form.Member(name, size, digest.hexdigest(), packed_size, packed_digest.hexdigest(), crc)


def _require_small(sizes: list[int], packed: int) -> None:
    # headers and the directory come on top: a name of 300 bytes takes less than 1000
    if len(sizes) < _MOST_MEMBERS and max(sizes) < _LIMIT and packed + 1000 * len(sizes) < _LIMIT:
        return
    raise StoreError(
        "Gói kiểm toán vượt quá 4 GiB hoặc 65 534 thành phần mà một tệp zip chứa được; hãy dùng --without-outputs và "
        "lưu kèm parquet/ của bản phát hành.",
        "The audit pack has more than the 4 GiB or 65,534 members that a zip can hold; use --without-outputs and keep "
        "the release's parquet/ beside it.",
    )


def _encoded(lines: Iterable[str]) -> Iterator[bytes]:
    return (f"{line}\n".encode() for line in lines)


def _records(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    return _encoded(map(canonical_json, records))


def _table(database: Path, table: str) -> Iterator[bytes]:
    return _encoded(row_texts(database, table))


def _file(path: str | Path) -> Iterator[bytes]:
    with open(path, "rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _release_files(folder: Path) -> list[str]:
    files = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return [name for name in files if form.is_taken(name)]

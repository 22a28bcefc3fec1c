"""Fields of a log whose texts repeat, each text understood once: dossier numbers, codes, flags, fees, sequences."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.log_layout import CODES, FLAGS
from ingestion.questions import Asker
from ingestion.source import Source
from ingestion.text import clean, fold

Reader = tuple[pa.DataType, Callable[[str], Any]]

FEE = pa.decimal128(18, 0)
# Letters and digits, at least one of these, no blank and no @: neither a name nor an address.
_DOSSIER_ID = re.compile("[0-9A-Z./_-]*[0-9][0-9A-Z./_-]*")
_LONGEST_DOSSIER_ID = 100
_PROCEDURE = re.compile(r"(\d\.\d{6})(\.\d{3}\.\d{2}\.\d{2}\.H\d{2})?", re.ASCII)
# A leading zero is no amount and no ordinal, but a telephone or identity number.
_WHOLE = r"0|[1-9]\d{0,17}"
# A list or a structure of JSON that stands where one value is expected.
_BRACKETS = frozenset('[]{}"')
_SEQUENCE = re.compile(_WHOLE, re.ASCII)
# Short groups of letters, each with a few digits: no name has one, and telephone or identity numbers have more.
_FIELD_CODE = re.compile(r"(?:[A-Z]{1,6}[0-9]{1,3}|[0-9]{1,3})(?:[._-](?:[A-Z]{1,6}[0-9]{0,3}|[0-9]{1,3}))?", re.ASCII)
_FLAGS = {"1": True, "true": True, "co": True, "yes": True, "x": True}
_FLAGS |= {"0": False, "false": False, "khong": False, "no": False}


def readers(source: Source, asker: Asker, key: bytes) -> dict[str, Reader]:
    """For each of these fields the source has: the type of its values, and what a text means (None: unreadable).

    A blank text means nothing unless `values` of the source declares what. Asks for every vocabulary of dossiers.
    A dossier number means its keyed hash, and goes no further.
    """
    declared = source.layout.get("values", {})
    found: dict[str, Reader] = {}
    for name, table in CODES.items():
        codes = {_spelling(code): code for code in str(asker.ask("codes", table)).split("|")}
        spelled = {_spelling(text): code for text, code in declared.get(name, {}).items() if code in codes.values()}
        found[name] = (pa.string(), _folded(codes | spelled))
    for name in FLAGS:
        flags = {_spelling(text): _FLAGS.get(fold(flag)) for text, flag in declared.get(name, {}).items()}
        found[name] = (pa.bool_(), _folded(_FLAGS | flags))
    found["field_code"] = (pa.string(), _field_code(declared.get("field_code", {})))
    found["dossier_id"] = (pa.string(), _dossier_key(key))
    found["procedure_code"] = (pa.string(), _procedure)
    found["sequence"] = (pa.int64(), _sequence)
    found["fee_vnd"] = (FEE, _fee(source.number_locale))
    return {name: reader for name, reader in found.items() if name in source.layout["fields"]}


def with_values(table: pa.Table, read: Mapping[str, Reader]) -> pa.Table:
    """The table with a column `<field>_read` for each of the fields."""
    for name, (kind, meaning) in read.items():
        encoded = table[name].combine_chunks().dictionary_encode()
        values = pa.array([meaning(text) for text in encoded.dictionary.to_pylist()], kind)
        taken = values.take(encoded.indices)
        if (blank := meaning("")) is not None:
            taken = pc.if_else(pc.is_null(encoded.indices), pa.scalar(blank, kind), taken)
        table = table.append_column(f"{name}_read", taken)
    return table


def _folded(meanings: Mapping[str, Any]) -> Callable[[str], Any]:
    return lambda text: meanings.get(_spelling(text))


def _spelling(text: str) -> str:
    """A text as it is looked up: words without case, accents and signs; anything else as it stands.

    Without their signs `-9` and `(9)` would be the code 9, and `***` a blank.
    """
    words = fold(text)
    is_words = any(letter.isalpha() for letter in words) and _BRACKETS.isdisjoint(text)
    return words if is_words else clean(text)


def _dossier_key(key: bytes) -> Callable[[str], str | None]:
    def dossier_key(text: str) -> str | None:
        number = text.strip(" ").upper()
        if not text.isascii() or len(number) > _LONGEST_DOSSIER_ID or not _DOSSIER_ID.fullmatch(number):
            return None
        return hashlib.sha256(key + number.encode()).hexdigest()[:32]

    return dossier_key


def _procedure(text: str) -> str | None:
    match = _PROCEDURE.fullmatch(text.strip())
    return match[1] if match else None


def _field_code(declared: Mapping[str, str]) -> Callable[[str], str | None]:
    """No list of these codes is known: one is told by its form, or by `values` of the source."""
    spelled = {_spelling(text): code for text, code in declared.items()}

    def field_code(text: str) -> str | None:
        code = text.strip().upper()
        return spelled.get(_spelling(text)) or (code if _FIELD_CODE.fullmatch(code) else None)

    return field_code


def _sequence(text: str) -> int | None:
    return int(text) if _SEQUENCE.fullmatch(text := text.strip()) else None


def _fee(locale: str) -> Callable[[str], int | None]:
    """Whole đồng, grouped or not: `5000`, `1.500.000` (vi), `1,500,000.00` (en)."""
    group, point = (".", ",") if locale == "vi" else (",", ".")
    amount = re.compile(rf"({_WHOLE}|[1-9]\d{{0,2}}(?:[{group}]\d{{3}}){{1,5}})(?:[{point}]0+)?", re.ASCII)

    def fee(text: str) -> int | None:
        match = amount.fullmatch(text.strip())
        return int(match[1].replace(group, "")) if match else None

    return fee

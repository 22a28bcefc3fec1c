"""The register of known errors of publishers: read from YAML, and applied to the rows of one file.

An entry is a fact about what a publisher printed, so it carries a guard: the printed text that is wrong. Where the file
prints anything else, the entry is not applied and says so; it is never applied to another figure.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from ingestion.errors import SourceError
from ingestion.numbers import Number, NumberOutOfRange
from ingestion.text import clean, fold
from ingestion.yaml_text import AsWritten, read_yaml

if TYPE_CHECKING:
    from ingestion.reference import Reference

SCHEMA_PATH = Path(__file__).parent / "corrections_schema.json"
DROPPED = "corrected_drop"

# SDMX CL_OBS_STATUS: low reliability.
FLAGGED = "U"

_AREA_ID = re.compile(r"[PR][0-9]+-[0-9]+|VN", re.ASCII)
_NEEDS = {"override": "value", "scale": "factor"}


@dataclass(frozen=True, slots=True)
class Correction:
    """One known error; `corrections_schema.json` explains every field. Empty text where a field is not given."""

    id: str
    source_id: str
    indicator_code: str
    period_id: str
    when_value: str
    action: str
    reason_vi: str
    reason_en: str
    who: str
    status: str
    since: str
    breakdown: str = "total"
    area: str = ""
    sheet: str = ""
    cell: str = ""
    when_area: str = ""
    value: str = ""
    factor: str = ""

    @property
    def note(self) -> str:
        """What the corrected row says about itself."""
        return f"{self.id} ({self.action}): {self.reason_vi} / {self.reason_en}"

    @property
    def state(self) -> str:
        """Id and a hash of all fields: another state is another correction, and its files are read again."""
        content = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return f"{self.id} {hashlib.sha256(content.encode()).hexdigest()[:12]}"


def load_corrections(
    paths: Iterable[Path], reference: Reference, source_ids: Collection[str]
) -> tuple[Correction, ...]:
    """Every entry of the registers, by id; an entry of a later file replaces an earlier one of the same id.

    Args:
        paths: register files; those that do not exist are passed over.
        reference: the reference tables, which know indicators, areas and members.
        source_ids: ids of all declared sources.

    Raises SourceError naming the file, the entry and the nearest known name.
    """
    found: dict[str, Correction] = {}
    for path in paths:
        own = [_correction(path, raw, reference, source_ids) for raw in _entries(path)]
        keys = [(each.source_id, _place(each), each.area, each.sheet, each.cell) for each in own]
        _refuse_repeated(path, "id", [each.id for each in own])
        _refuse_repeated(path, "source, place and period", keys)
        found.update({each.id: each for each in own})
    return tuple(found[key] for key in sorted(found))


def states(reference: Reference, source_id: str, indicator_code: str, period_id: str) -> str | None:
    """The states of all entries about an indicator and period of a source; None where there is none."""
    found = _about(reference, source_id, indicator_code, period_id)
    return ";".join(each.state for each in found) or None


def correct(
    rows: Sequence[dict[str, Any]], entries: Iterable[Correction]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Apply the entries of one source to the accepted rows of one of its files.

    Returns:
        The rows that stay (a corrected one says so in `correction`), the rejected records of those that were
        dropped, and one sentence per open entry that was not applied because its guard does not hold.
    """
    kept = {row["row_no"]: row for row in rows}
    dropped: list[dict[str, Any]] = []
    not_applied = []
    for entry in entries:
        if entry.status == "withdrawn":
            continue
        alike = [row for row in kept.values() if _is_about(entry, row) and row.get("correction") is None]
        why = _why_not(entry, alike)
        meant = [row for row in alike if not entry.area or _is_at(entry.area, row)]
        try:
            changed = [] if why else [_changed(entry, row) for row in meant]
        except NumberOutOfRange as error:
            why, changed = f"{error}", []
        if why and entry.status == "open":
            not_applied.append(f"{entry.id}: {why}")
        for row in changed:
            if entry.action == "drop":
                dropped.append(_rejected(entry, kept.pop(row["row_no"])))
            else:
                kept[row["row_no"]] = row
    return list(kept.values()), dropped, not_applied


def entries_for(reference: Reference, source_id: str, keys: Iterable[tuple[str, str]]) -> list[Correction]:
    """The entries about any of these indicators and periods of a source, in the order of their ids."""
    found = {each.id: each for key in keys for each in _about(reference, source_id, *key)}
    return [found[key] for key in sorted(found)]


def unused(corrections: Iterable[Correction], lookups: Mapping[str, Sequence[Sequence[Any]]]) -> list[Correction]:
    """Entries that no load of their source ever met, where the source has loads: the entry is probably misspelt.

    Args:
        corrections: the register.
        lookups: source_id -> the questions of all its loads.
    """
    met = {
        state.split(" ")[0]
        for asked in lookups.values()
        for kind, _, result in asked
        if kind == "corrections" and result
        for state in result.split(";")
    }
    return [each for each in corrections if lookups.get(each.source_id) and each.id not in met]


def _about(reference: Reference, source_id: str, indicator_code: str, period_id: str) -> list[Correction]:
    key = (source_id, indicator_code, period_id)
    return [each for each in reference.corrections if (each.source_id, each.indicator_code, each.period_id) == key]


def _place(entry: Correction) -> tuple[str, str, str]:
    return entry.indicator_code, entry.period_id, entry.breakdown


def _is_about(entry: Correction, row: Mapping[str, Any]) -> bool:
    return (
        _place(entry) == (row["indicator_code"], row["period_id"], row["breakdown"])
        and entry.sheet in ("", row["sheet"])
        and entry.cell in ("", row["cell"])
    )


def _is_at(area: str, row: Mapping[str, Any]) -> bool:
    return area == row["province_id"] or fold(area) in [fold(text) for text in row["place_text"].split(" | ")]


def _why_not(entry: Correction, rows: Sequence[Mapping[str, Any]]) -> str:
    """Why the entry must not be applied; empty where its guard holds."""
    guard = entry.when_area or entry.area
    printed = {clean(row["value_text"]): row["cell"] for row in rows if _is_at(guard, row)}
    others = [f"{cell}: “{text}”" for text, cell in printed.items() if text != clean(entry.when_value)]
    if printed and not others:
        return ""
    return f"“{entry.when_value}” → {', '.join(others) or '—'}"


def _changed(entry: Correction, row: dict[str, Any]) -> dict[str, Any]:
    """The row as the entry puts it right; what was printed stays. Raises NumberOutOfRange."""
    noted = {**row, "correction": entry.note}
    if entry.action == "flag":
        return {**noted, "status": ";".join(sorted({*row["status"].split(";"), FLAGGED} - {"A"}))}
    if entry.action == "override":
        value = Decimal(entry.value)
        decimals = max(0, -int(value.as_tuple().exponent))
        status = row["status"] if row["value"] is not None else "A"
        return {**noted, "value": value, "value_upper": None, "decimals": decimals, "status": status}
    if entry.action == "scale" and row["value"] is not None:
        scaled = Number(row["value"], row["decimals"]).times(Decimal(entry.factor))
        upper = row["value_upper"] and Number(row["value_upper"], 0).times(Decimal(entry.factor)).value
        return {**noted, "value": scaled.value, "value_upper": upper, "decimals": scaled.decimals}
    return noted


def _rejected(entry: Correction, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("row_no", "sheet", "cell")},
        "field": "value",
        "raw_value": row["value_text"],
        "reason_code": DROPPED,
        "reasons": json.dumps([DROPPED]),
        "reason_vi": f"Lỗi đã biết của đơn vị công bố ({entry.id}, {entry.who}): {entry.reason_vi}",
        "reason_en": f"Known error of the publisher ({entry.id}, {entry.who}): {entry.reason_en}",
    }


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))


def _entries(path: Path) -> list[dict[str, str]]:
    """The entries of one register as written, with no field unknown."""
    if not path.is_file():
        return []
    raw = read_yaml(path, AsWritten) or []
    schema = _validator().schema
    fields = schema["items"]["properties"] if isinstance(schema, Mapping) else {}
    for number, entry in enumerate(raw if isinstance(raw, list) else [], 1):
        for name in entry if isinstance(entry, Mapping) else ():
            _known(path, f"entry {number}: field", str(name), fields)
    fault = best_match(_validator().iter_errors(raw))
    if fault is not None:
        raise SourceError(f"{path}: {fault.json_path.removeprefix('$')}: {fault.message}")
    return list(raw)


def _correction(path: Path, raw: Mapping[str, str], reference: Reference, source_ids: Collection[str]) -> Correction:
    entry = Correction(**raw)
    where = f"{path}: {entry.id}:"
    _known(path, f"{entry.id}: source_id", entry.source_id, source_ids)
    _known(path, f"{entry.id}: indicator_code", entry.indicator_code, reference.indicators)
    for area in filter(_AREA_ID.fullmatch, (entry.area, entry.when_area)):
        _known(path, f"{entry.id}: area", area, reference.areas)
    members = [] if entry.breakdown == "total" else entry.breakdown.split(";")
    for member in members:
        _known(path, f"{entry.id}: breakdown", member, [":".join(each) for each in reference.members])
    for action, name in _NEEDS.items():
        if bool(getattr(entry, name)) != (entry.action == action):
            raise SourceError(f"{where} {name} belongs to {action}, which needs it; the action is {entry.action}")
    if bool(entry.area) == bool(entry.when_area):
        raise SourceError(f"{where} needs area, or (for all places) when_area, whose figure prints when_value")
    return entry


def _refuse_repeated(path: Path, what: str, values: Sequence[Any]) -> None:
    repeated = [value for value in values if values.count(value) > 1]
    if repeated:
        raise SourceError(f"{path}: two entries of the same {what}: {repeated[0]}")


def _known(path: Path, what: str, name: str, known: Iterable[str]) -> None:
    known = sorted(known)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or known[:10]
        raise SourceError(f"{path}: {what} {name} is not known; nearest: {', '.join(near)}")

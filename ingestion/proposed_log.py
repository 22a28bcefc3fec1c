"""A first source YAML for a log of dossiers: its columns by their usual names, its dates and codes by what they hold.

What names a person is left out and named, so that whoever answers the questions sees that it was not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ingestion.areas import known
from ingestion.layout_record import locale_of
from ingestion.log_head import LogHead
from ingestion.log_layout import CODES, DATES, EACH, FIELDS, FLAGS, REQUIRED, personal_fields
from ingestion.proposed_yaml import Line
from ingestion.reference import Reference
from ingestion.text import clean, fold, fold_name

_USUAL = Path(__file__).parent / "usual_log_fields.yml"
_ENOUGH = 0.9
_FEWEST_FIELDS = 3
_MOST_SPELLINGS, _LONGEST_SPELLING = 20, 40
_DATES = {
    "%d/%m/%Y %H:%M:%S": re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d", re.ASCII),
    "%d/%m/%Y %H:%M": re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d", re.ASCII),
    "%d/%m/%Y": re.compile(r"\d{1,2}/\d{1,2}/\d{4}", re.ASCII),
    "%Y%m%d%H%M%S": re.compile(r"20\d{12}", re.ASCII),
    "%Y%m%d": re.compile(r"20\d{6}", re.ASCII),
}
# What fields hold whatever their column is called.
_FORMS = {
    "dossier_id": re.compile(r"\d{3}\.\d{2}\.\d{2}\.H\d{2}-\d{6}-\d+", re.ASCII),
    "procedure_code": re.compile(r"\d\.\d{6}(\.\d{3}\.\d{2}\.\d{2}\.H\d{2})?", re.ASCII),
}
# What tells persons: telephone and identity numbers, addresses of e-mail.
_PERSONAL = re.compile(r"(\+84|0)\d{9}|\d{12}|[^@\s]+@[^@\s]+\.[a-z]+", re.ASCII | re.IGNORECASE)
_ISSUER = re.compile(r"\bH\d{2}\b", re.ASCII)
_FLAGS = frozenset({"0", "1", "true", "false", "co", "khong", "yes", "no", "x"})


@dataclass(frozen=True)
class ProposedLog:
    """Lines of the source and of its layout, and the columns that name persons and are never read."""

    head: Sequence[Line]
    layout: Sequence[Line]
    personal: Sequence[str]


def is_log(head: LogHead) -> bool:
    """Whether a text file is a log of dossiers: by what its columns are called, and what they hold."""
    found = _found(head)
    return len(found) >= _FEWEST_FIELDS and bool({"dossier_id", "procedure_code"} & found.keys())


def proposed_log(head: LogHead, source_id: str, title: str, reference: Reference) -> ProposedLog:
    """What a log seems to be."""
    personal = [column for column in head.columns() if _is_personal(head, column)]
    fields, asked = _fields(head, personal)
    texts = {name: head.texts(each) if isinstance(each, str) else [] for name, each in fields.items()}
    lines = [
        Line("source_id", source_id),
        Line("publisher", "?", notes=["to fill in: who publishes the log"]),
        Line("title", title[:200]),
        Line("shape", "transactions"),
        Line("format", head.format),
        Line("rank", 20, notes=["to confirm: provincial portal 20, national portal 50; the lowest wins"]),
        Line("frequency", "month", notes=["to confirm: how often a file comes"]),
        Line("boundary_set", "by_period"),
        _number_locale(texts.get("fee_vnd", [])),
    ]
    lines += [Line("encoding", head.encoding)] if head.encoding else []
    lines += [Line("delimiter", head.delimiter)] if head.delimiter else []
    layout = [
        _place(head, fields, personal, reference),
        _date_formats(texts),
        Line("fields", fields, asked, _unread(head, fields, personal)),
        *_values(texts, reference),
    ]
    return ProposedLog(lines, layout, personal)


@cache
def _usual_names() -> Mapping[str, Sequence[str | Sequence[str]]]:
    found: Mapping[str, Sequence[str | Sequence[str]]] = yaml.safe_load(_USUAL.read_text(encoding="utf-8"))
    return found


def _named(head: LogHead) -> dict[str, str | list[str]]:
    """Field -> column, by the names that columns usually have; each field by the first of its names that is there."""
    columns = {fold_name(column): column for column in reversed(head.columns())}
    found: dict[str, str | list[str]] = {}
    for name, usual in _usual_names().items():
        for each in usual:
            if isinstance(each, str):
                if (column := columns.get(fold_name(each))) is not None:
                    found.setdefault(name, column)
            elif head.format in ("ndjson", "json") and any(_holds(record, each) for record in head.records):
                found.setdefault(name, list(each))
    return found


def _found(head: LogHead) -> dict[str, str | list[str]]:
    """Field -> column, by its name or, where no other column has it too, by the form of what it holds."""
    found = _named(head)
    for name, form in _FORMS.items():
        fitting = [column for column in head.columns() if _share(head.texts(column), form) >= _ENOUGH]
        if len(fitting) == 1:
            found.setdefault(name, fitting[0])
    return found


def _holds(record: Any, path: Sequence[str]) -> bool:
    if not path:
        return not isinstance(record, dict | list)
    if path[0] == EACH:
        return isinstance(record, list) and any(_holds(each, path[1:]) for each in record)
    return isinstance(record, dict) and path[0] in record and _holds(record[path[0]], path[1:])


def _fields(head: LogHead, personal: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """Field -> column in the order of the schema, and a question for each that must be there and was not found."""
    found = {name: column for name, column in _found(head).items() if column not in personal}
    asked = []
    for name in (each for each in REQUIRED if each not in found):
        found[name] = "?"
        shared = " (or under constants, where all dossiers share it)" if name in ("channel", "service_level") else ""
        asked.append(f"which column is {name}?{shared}")
    return {name: found[name] for name in FIELDS if name in found}, asked


def _unread(head: LogHead, fields: Mapping[str, Any], personal: Sequence[str]) -> list[str]:
    taken = {each if isinstance(each, str) else each[0] for each in fields.values()} | set(personal)
    others = [column for column in head.columns() if column not in taken]
    return [f"not read: {', '.join(others)}"] if others else []


def _share(texts: Sequence[str], form: re.Pattern[str]) -> float:
    return sum(form.fullmatch(text) is not None for text in texts) / len(texts) if texts else 0.0


def _is_personal(head: LogHead, column: str) -> bool:
    """By its name, or by what it holds: telephone numbers, identity numbers, addresses."""
    return fold_name(column) in personal_fields().names or _share(head.texts(column), _PERSONAL) > 0.5


def _place(head: LogHead, fields: Mapping[str, Any], personal: Sequence[str], reference: Reference) -> Line:
    """The columns that name provinces, else the province that the numbers of the dossiers say, which is asked about."""
    taken = [each for each in fields.values() if isinstance(each, str)]
    others = [column for column in head.columns() if column not in (*personal, *taken)]
    names = [column for column in others if _are_places(head.texts(column), reference)]
    issuers = {issuer for text in _numbers(head, fields) for issuer in _ISSUER.findall(text)}
    by_number = (
        [{"column": fields["dossier_id"], "scheme": "egov_H"}] if issuers and fields["dossier_id"] != "?" else []
    )
    if names:
        return Line("places", [*({"column": column, "scheme": "name"} for column in names[:1]), *by_number])
    codes = {code for issuer in issuers for code in reference.external_codes.get(("egov_H", fold_name(issuer)), ())}
    provinces = [reference.areas[area].name_vi for code in codes if (area := reference.gso_codes.get(("63", code)))]
    if len(provinces) == 1:
        asked = [f"no column names the province; the numbers of the dossiers say {', '.join(sorted(issuers))}"]
        return Line("province", {"text": provinces[0], "scheme": "name"}, asked)
    if by_number and provinces:
        return Line(
            "places", by_number, ["no column names the province; is that of the dossier's number the one meant?"]
        )
    return Line("province", {"text": "?", "scheme": "name"}, ["of which province are the dossiers?"])


def _numbers(head: LogHead, fields: Mapping[str, Any]) -> list[str]:
    return [] if fields["dossier_id"] == "?" else head.texts(fields["dossier_id"])


def _are_places(texts: Sequence[str], reference: Reference) -> bool:
    sets = [each.name for each in reference.sets]
    distinct = set(texts)
    is_known = {text: any(known(reference, "name", text, each) for each in sets) for text in distinct if len(text) < 60}
    return bool(texts) and sum(is_known.get(text, False) for text in texts) >= _ENOUGH * len(texts)


def _date_formats(texts: Mapping[str, Sequence[str]]) -> Line:
    found: dict[str, None] = {}
    asked = []
    for name in DATES:
        unread = 0
        for text in texts.get(name, ()):
            form = _date_format(text)
            found.update({form: None} if form else {})
            unread += form is None
        if unread:
            asked.append(f"{unread} texts of {name} are dates of no known form")
    if not found:
        return Line("date_formats", ["iso"], [*asked, "no date was found"])
    return Line("date_formats", list(found), asked)


def _date_format(text: str) -> str | None:
    """The form of a date, None for what is none; also of one that no calendar has."""
    for form, looks in _DATES.items():
        if looks.fullmatch(text):
            return form if _is_date(text, form) else None
    return "iso" if _is_date(text, "iso") else None


def _is_date(text: str, form: str) -> bool:
    try:
        if form == "iso":
            datetime.fromisoformat(text)
        else:
            datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


def _number_locale(fees: Sequence[str]) -> Line:
    found = locale_of(fees, "")
    return Line("number_locale", found or "vi", notes=[] if found else ["no fee tells: vi 1.234,5 or en 1,234.5"])


def _values(texts: Mapping[str, Sequence[str]], reference: Reference) -> Iterable[Line]:
    """How the log spells the codes of vocabularies: by the names in the reference tables, else with a question."""
    spelled: dict[str, dict[str, str]] = {}
    asked = []
    for name, table in CODES.items():
        others = _spellings(texts.get(name, ()), {fold(code) for code in reference.codes[table]})
        names = reference.code_names.get(table, {})
        if others:
            spelled[name] = {text: names.get(fold(text), "?") for text in others}
            asked += [f"{name}: which code is “{text}”?" for text, code in spelled[name].items() if code == "?"]
    for name in FLAGS:
        if others := _spellings(texts.get(name, ()), _FLAGS):
            spelled[name] = dict.fromkeys(others, "?")
            asked += [f"{name}: is “{text}” true or false?" for text in others]
    if spelled:
        yield Line("values", spelled, asked)


def _spellings(texts: Sequence[str], codes: Iterable[str]) -> list[str]:
    """The texts that are no code, none of which may be of a person; where there are many, the column is another one."""
    known_codes = set(codes)
    found = sorted({clean(text) for text in texts if fold(text) not in known_codes})
    short = [text for text in found if len(text) <= _LONGEST_SPELLING and not _PERSONAL.fullmatch(text)]
    return short if len(found) <= _MOST_SPELLINGS else []

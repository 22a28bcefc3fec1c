"""The SQL that understands one table of texts of a log. Nothing in it raises: what cannot be read becomes null.

BATCH holds row_no, line, fault, the texts of the source's columns, and `<field>_read` of the fields of log_values;
dossier_id_read is the keyed hash already.
TYPED holds the same rows with every field in its type and no text that a person could be known by.
PLACES holds the distinct texts of places of TYPED with what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingestion.log_layout import CODES, DATES, FIELDS, FLAGS, RECORD, REQUIRED, personal_fields
from ingestion.source import Source

MASKED = "***"
BATCH, TYPED, PLACES, REFUSED = "log_batch", "log_typed", "log_places", "log_refused"

# No portal is older, and no due date is later.
_FIRST_DAY, _AFTER_LAST_DAY = "1990-01-01", "2100-01-01"
LARGEST_FEE = 99_999_999
_LARGEST_SEQUENCE = 99_999_999

# The code of an office inside a dossier number or procedure code: 000.17.22.H56-210531-0001, 1.004194.000.00.00.H56
_OFFICE = r"(?:^|\.)(H\d{2})(?:$|[.-])"
_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?"
_OFFSET = r"(Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)"
_LENGTHS = {"%Y%m%d%H%M%S": 14, "%Y%m%d": 8}
_FILED_AT = "coalesce(submitted_at_read, received_at_read, event_at_read)"
_FAULTS = {
    "dossier_id": "unreadable_dossier_id",
    "procedure_code": "unreadable_procedure",
    "sequence": "unreadable_number",
    "fee_vnd": "unreadable_number",
    "field_code": "unreadable_field_code",
    **dict.fromkeys(FLAGS, "unknown_flag"),
    **dict.fromkeys(CODES, "unknown_code"),
    **dict.fromkeys(DATES, "unreadable_date"),
}


def typed(source: Source, boundary_sets: Mapping[str, str]) -> str:
    """Query over BATCH that gives TYPED; null where a text is blank or unreadable.

    Args:
        source: the source.
        boundary_sets: name -> first day of each set that may be in force; the one fixed set without a day.
    """
    kept = ["row_no", "line", "boundary_set", "is_readable", *place_columns(source)]
    kept += [f"{name}_read" for name in FIELDS if name != "dossier_id"]
    return f"select {', '.join(kept)}, dossier_id_read as dossier_key from ({_judged(source, boundary_sets)})"


def places(source: Source) -> str:
    """Query over TYPED: the distinct texts of places with their boundary set."""
    return f"select distinct {', '.join([*place_columns(source), 'boundary_set'])} from {TYPED} where is_readable"


def accepted(source: Source) -> str:
    """Query over TYPED and PLACES: the rows of TRANSACTION_SCHEMA."""
    given = ["province_id", "t.boundary_set", *(f"{name}_read as {name}" for name in FIELDS if name != "dossier_id")]
    columns = f"row_no, 'L' || line as cell, dossier_key, {', '.join(given)}"
    return f"select {columns} from {_with_places(source, TYPED)} where {_IS_ACCEPTED} order by row_no"


def refused(source: Source) -> str:
    """Query over TYPED and PLACES: the row_no of every row that is not accepted, with its reason_code of the place."""
    return f"select row_no, reason_code from {_with_places(source, TYPED)} where ({_IS_ACCEPTED}) is not true"


def rejected(source: Source, boundary_sets: Mapping[str, str]) -> str:
    """Query over BATCH and REFUSED: row_no, cell, `faults` (see log_reasons) and the text that may be shown."""
    faults = [f"case when {condition} then '{name}' end" for name, condition in _faults(source).items()]
    place = f"""
        case
            when reason_code is not null then 'province_id:' || reason_code
            when boundary_set is null and {_FILED_AT} is not null then 'province_id:area_before_known_sets'
        end"""
    shown = "\n".join(f"when '{name}' then {_shown(name)}" for name in FIELDS if name in source.layout["fields"])
    return f"""
        with told as (
            select *, coalesce('{RECORD}:' || fault, concat_ws(';', {", ".join([*faults, place])})) as faults
            from ({_judged(source, boundary_sets)}) inner join {REFUSED} using (row_no)
        )
        select row_no, 'L' || line as cell, faults,
            case split_part(faults, ':', 1) {shown} else '{MASKED}' end as raw_value
        from told
        order by row_no
    """


def _shown(name: str) -> str:
    """What of a text may be shown: all of it where it has a harmless form, else three stars."""
    form = personal_fields().harmless.get(name)
    harmless = f"when regexp_full_match(trim({name}), {_literal(form)}) then trim({name})" if form else ""
    return f"case when {_is_blank(name)} then '' {harmless} else '{MASKED}' end"


_IS_ACCEPTED = "is_readable and province_id is not null"


def place_columns(source: Source) -> list[str]:
    """The columns of TYPED that hold the texts of places, in the order of the YAML."""
    return [f"place_{number}_read" for number in range(len(source.layout.get("places", ())))]


def _with_places(source: Source, rows: str) -> str:
    same = [f"t.{name} is not distinct from p.{name}" for name in [*place_columns(source), "boundary_set"]]
    return f"{rows} as t left join {PLACES} as p on {' and '.join(same)}"


def _judged(source: Source, boundary_sets: Mapping[str, str]) -> str:
    """All columns of BATCH, every field as `<field>_read`, `boundary_set` and `is_readable`."""
    wrong = " or ".join(f"({condition})" for condition in _faults(source).values())
    is_readable = f"fault is null and boundary_set is not null and not ({wrong})"
    read = ", ".join(f"{expression} as {name}_read" for name, expression in _expressions(source).items())
    with_set = f"select *, {_boundary_set(boundary_sets)} as boundary_set from (select *, {read} from {BATCH})"
    return f"select *, {is_readable} as is_readable from ({with_set})"


def _expressions(source: Source) -> dict[str, str]:
    """Field -> its value, of every field that is not in BATCH already."""
    fields, given = source.layout["fields"], source.layout.get("constants", {})
    formats = [*source.layout["date_formats"], *(["iso"] if source.format == "parquet" else [])]
    found = {name: _date(name, formats) if name in fields else "cast(null as timestamp)" for name in DATES}
    found |= {name: _literal(code) for name, code in given.items()}
    absent = {"sequence": "bigint", "fee_vnd": "decimal(18, 0)", "field_code": "varchar"}
    absent |= dict.fromkeys(FLAGS, "boolean")
    found |= {name: f"cast(null as {kind})" for name, kind in absent.items() if name not in fields}
    for number, place in enumerate(source.layout.get("places", ())):
        text = f"place_{number}"
        found[text] = f"nullif(regexp_extract(upper({text}), '{_OFFICE}', 1), '')" if _is_office(place) else text
    return found


def _is_office(place: Mapping[str, Any]) -> bool:
    return bool(place["scheme"] == "egov_H")


def _literal(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def _date(name: str, formats: list[str]) -> str:
    moments = [_moment(name, form) for form in formats]
    moment = f"coalesce({', '.join(moments)})" if len(moments) > 1 else moments[0]
    return f"""
        case when ({moment}) >= timestamp '{_FIRST_DAY}' and ({moment}) < timestamp '{_AFTER_LAST_DAY}'
            then ({moment}) end"""


def _moment(name: str, form: str) -> str:
    if form in _LENGTHS:  # strptime takes 2022092108300 for half past eight
        return f"case when strlen({name}) = {_LENGTHS[form]} then try_strptime({name}, '{form}') end"
    if form != "iso":
        return f"try_strptime({name}, '{form}')"
    # A time with an offset is another place's: the same moment seven hours east of Greenwich. Forms are matched
    # whole, since a cast passes over what it does not understand: a zone of hours only, a name of a zone.
    offset = f"rpad(replace(replace(regexp_extract({name}, '{_OFFSET}\\s*$', 1), 'Z', '+00'), ':', ''), 5, '0')"
    minutes = f"(try_cast(substr({offset}, 2, 2) as integer) * 60 + try_cast(right({offset}, 2) as integer))"
    signed = f"(case when left({offset}, 1) = '-' then -1 else 1 end * {minutes})"
    plain = f"try_cast(regexp_extract({name}, '{_DAY}{_CLOCK}') as timestamp)"
    return rf"""
        case
            when regexp_full_match({name}, '\s*{_DAY}(?:{_CLOCK})?\s*') then try_cast(trim({name}) as timestamp)
            when regexp_full_match({name}, '\s*{_DAY}{_CLOCK}{_OFFSET}\s*') then {plain} + to_minutes(420 - {signed})
        end"""


def _boundary_set(boundary_sets: Mapping[str, str]) -> str:
    """The set in force on the day of filing; a dossier keeps it whenever its later states come."""
    newest_first = sorted(boundary_sets.items(), key=lambda each: each[1], reverse=True)
    if not newest_first[0][1]:
        return _literal(newest_first[0][0])
    cases = "\n".join(f"when {_FILED_AT} >= timestamp '{first}' then '{name}'" for name, first in newest_first)
    return f"case {cases} end"


def _is_blank(name: str) -> str:
    return f"coalesce(trim({name}) = '', true)"


def _faults(source: Source) -> dict[str, str]:
    """`field:reason_code` -> condition, never null, in the order they are told. Record and province come apart."""
    largest = {"sequence": _LARGEST_SEQUENCE, "fee_vnd": source.layout.get("largest_fee_vnd", LARGEST_FEE)}
    found: dict[str, str] = {}
    for name in FIELDS:
        if name not in source.layout["fields"]:
            continue
        # a case, since both sides of an `and` are worked out for every row
        unread = f"case when {name}_read is null then %s else false end"
        if name in REQUIRED:
            found[f"{name}:missing_value"] = unread % _is_blank(name)
        found[f"{name}:{_FAULTS[name]}"] = unread % f"not {_is_blank(name)}"
        if name in largest:
            found[f"{name}:number_too_large"] = f"{name}_read is not null and {name}_read > {largest[name]}"
    return found

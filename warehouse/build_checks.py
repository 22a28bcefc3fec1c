"""What was found of a build: the results of its tests and of the gate before it, kept in the ledger, passes included.

A build leaves one entry `checked`: that of a release, or of what is held, under the release's id; one that failed under
its run. The words of a rule are written down where they change, its result each time: about 90 bytes. None of it is
content: builds of one ledger by one code are the same release, however often they were tested.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from warehouse.canonical import naive_utc
from warehouse.ledger import Entry, Ledger, append, entries
from warehouse.sql import Row

CHECKED = "checked"
MODEL, RELEASE = "model", "release"
_RULE = ("subject_type", "subject_id", "check_name", "rule_vi", "rule_en", "severity", "on_fail")
_RESULT = ("success", "errored", "observed", "unexpected_count", "element_count")
_APPROVED_BY = "approved_by_entry"


@dataclass(frozen=True)
class BuildChecks:
    """Results of one build.

    Attributes:
        run_id: the run that built.
        results: rows of `audit_checks` without run, moment and waiver; `subject_id` None is the build itself.
    """

    run_id: str
    results: Sequence[Row]


def keep_checks(ledger: Ledger, subject_id: str, checks: BuildChecks, at: datetime) -> None:
    """Enters the results of a build in the ledger.

    Args:
        ledger: gets a `checked` entry.
        subject_id: the release, or the run where there will be none.
        checks: the results.
        at: the moment of the build.
    """
    said: dict[str, Row] = {}
    for entry in entries(ledger, CHECKED):
        said |= entry.payload["rules"]
    rules = {_key(row): {name: row[name] for name in _RULE} for row in checks.results}
    told = {
        "run_id": checks.run_id,
        "rules": {key: rule for key, rule in rules.items() if said.get(key) != rule},
        "columns": _RESULT,
        "results": {_key(row): [row[name] for name in _RESULT] for row in checks.results},
    }
    append(ledger, CHECKED, subject_id, told, at)


def build_check_rows(ledger: Ledger, up_to: int) -> list[Row]:
    """Rows of the input table `checks` of all builds, up to an entry of the ledger."""
    releases = {entry.subject_id: entry.payload for entry in entries(ledger, "release", up_to=up_to)}
    rows = {}
    for entry, results in _told(ledger, up_to):
        for row in _rows(ledger, entry, results, releases.get(entry.subject_id, {})):
            rows[_key(row), row["run_id"]] = row  # the same run twice: it was killed before it published
    return list(rows.values())


def own_check_rows(ledger: Ledger, release: Mapping[str, Any]) -> list[Row]:
    """Rows of `audit_checks` of a release's own build, which no export held before it; empty where older code made it.

    Args:
        ledger: the ledger.
        release: the release's facts, published or about to be.
    """
    own = [(entry, results) for entry, results in _told(ledger) if entry.subject_id == release["release_id"]]
    return _rows(ledger, *own[-1], release) if own else []


def _told(ledger: Ledger, up_to: int | None = None) -> Iterator[tuple[Entry, list[Row]]]:
    said: dict[str, Row] = {}
    for entry in entries(ledger, CHECKED, up_to=up_to):
        told = entry.payload
        said |= told["rules"]
        results = told["results"].items()
        yield entry, [{**said[key], **dict(zip(told["columns"], row, strict=True))} for key, row in results]


def _rows(ledger: Ledger, entry: Entry, results: Sequence[Row], release: Mapping[str, Any]) -> list[Row]:
    """Results as rows: under an approval a failure of the gate let the release out, and names who let it."""
    approval = release.get(_APPROVED_BY)
    waiver = None
    if approval:
        (decision,) = entries(ledger, "decision", since=approval - 1, up_to=approval)
        waiver = f"{decision.payload['by']}: {decision.payload['reason']}"
    alike = {"run_id": entry.payload["run_id"], "checked_at": naive_utc(entry.at)}
    return [
        {
            **row,
            **alike,
            "subject_id": row["subject_id"] or entry.subject_id,
            "waiver": None if row["success"] or row["subject_type"] == MODEL else waiver,
        }
        for row in results
    ]


def _key(row: Row) -> str:
    """What a check is known by from build to build."""
    return " ".join(row[name] or "-" for name in ("subject_type", "subject_id", "check_name"))

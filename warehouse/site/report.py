"""What the pages tell: everything is read from the published tables of one release, the manifest's facts and drills.

Tables that a release may lack (`audit_decisions` …) give empty lists, and their sections stay out of the pages.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.changes.summary import DIFF
from warehouse.content import main_tables
from warehouse.release_files import DATABASE, folder_catalog
from warehouse.sql import Row, quoted, rows

if TYPE_CHECKING:
    import duckdb

# A release's pages must not grow with the years: what lies beyond stays in the lists and the tables.
PAGES_OF_LOADS = 1000
PAGES_OF_RELEASES = 30
REJECTED_BY_REASON = 20
RESULTS_SHOWN = 30
ABSENCES_SHOWN = 25
COUNTS_SHOWN = 10
_LIMITS = {
    "pages_of_releases": PAGES_OF_RELEASES,
    "counts_shown": COUNTS_SHOWN,
    "pages_of_loads": PAGES_OF_LOADS,
    "rejected_by_reason": REJECTED_BY_REASON,
    "results_shown": RESULTS_SHOWN,
    "absences_shown": ABSENCES_SHOWN,
}
_QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True)
class Report:
    """What the pages of one release tell.

    Attributes:
        facts: the release's facts as its manifest has them.
        releases: every release, the newest first, with its loads and rows.
        loads: every load, the newest first; `has_page` where it has a page of its own.
        checks: load id to the results of its checks, failures first; only of loads with a page.
        rejected: load id to examples of its rejected rows, at most REJECTED_BY_REASON of each reason code.
        reasons: load id to the number of rejected rows by reason code, the most frequent first.
        sources: every source with its scorecard.
        rules: every check of every shape, and of every table that was built, with its history.
        duties: source id to what it owed in all, with the same counts of each of its `periods`, the newest first, and
            `provinces`, those first that reports came without most often, and its `absences`, at most ABSENCES_SHOWN
            of each kind, the worst first; empty without the calendar.
        names: pairs of names of provinces and indicators, by id or code.
        builds: release id to the verdicts of the gate on its build and the tests that it did not meet; only of releases
            with a page, and not of those that older code made.
        periods: labels of the periods that loads reach from and to, by id.
        sheets: load id to the balance of each of its sheets; empty where the release has no such table.
        drills: results of drills, the newest first.
        diff: what the release changed for users (`diff.json`); None where it was not compared.
        decisions: every decision of a person, the newest first; None where the release has no such table.
    """

    facts: Mapping[str, Any]
    releases: Sequence[Row]
    loads: Sequence[Row]
    checks: Mapping[str, Sequence[Row]]
    rejected: Mapping[str, Sequence[Row]]
    reasons: Mapping[str, Sequence[Row]]
    sources: Sequence[Row]
    rules: Sequence[Row]
    duties: Mapping[str, Row]
    names: Mapping[str, Row]
    builds: Mapping[str, Sequence[Row]]
    periods: Mapping[str, Row]
    sheets: Mapping[str, Sequence[Row]]
    drills: Sequence[Row]
    diff: Mapping[str, Any] | None
    decisions: Sequence[Row] | None

    @property
    def release(self) -> Row:
        """The row of the release itself."""
        return next(row for row in self.releases if row["release_id"] == self.facts["release_id"])

    def loads_of(self, name: str, value: str) -> list[Row]:
        """The loads with a value in a column: `source_id` or `first_release_id`."""
        return self._loads_by[name].get(value, [])

    def source_of(self, load: Row) -> Row:
        """The source of a load."""
        return next(row for row in self.sources if row["source_id"] == load["source_id"])

    def decisions_on(self, subject_type: str, subject: str) -> list[Row]:
        """The decisions about a subject, or about all whose id begins with it where it ends with a slash."""
        return [
            row
            for row in self.decisions or ()
            if row["subject_type"] == subject_type
            and (row["subject_id"].startswith(subject) if subject.endswith("/") else row["subject_id"] == subject)
        ]

    def decisions_of_load(self, load: Row) -> list[Row]:
        """The decisions about a load itself, and the waivers of checks that it did not meet."""
        failed = [check["check_name"] for check in self.checks.get(load["load_id"], ()) if not check["success"]]
        waivers = [row for name in failed for row in self.decisions_on("waiver", f"{load['source_id']}/{name}")]
        return [*self.decisions_on("load", load["load_id"]), *waivers]

    def built(self, release_id: str, subject_type: str) -> list[Row]:
        """Results of a release's build: of the `release` itself, or of each `model`."""
        return [row for row in self.builds.get(release_id, ()) if row["subject_type"] == subject_type]

    def rule_of(self, check: Row) -> Row:
        """The history of a check of a build."""
        return self._built_rules[check["subject_id"] if check["subject_type"] == "model" else None, check["check_name"]]

    @property
    def changes(self) -> list[Row]:
        """Examples of changed values, of every cause."""
        return [row for rows in (self.diff or {}).get("examples", {}).values() for row in rows]

    def rejections_of(self, loads: Sequence[Row]) -> list[tuple[str, int]]:
        """Rejected rows of some loads by reason code, the most frequent first."""
        counts: Counter[str] = Counter()
        for load in loads:
            counts.update({row["reason_code"]: row["row_count"] for row in self.reasons.get(load["load_id"], ())})
        return counts.most_common()

    @cached_property
    def by_id(self) -> dict[str, Row]:
        """Every load by its id."""
        return {load["load_id"]: load for load in self.loads}

    @cached_property
    def paged_releases(self) -> frozenset[str]:
        """Ids of the releases that have a page of their own."""
        return frozenset(row["release_id"] for row in self.releases[:PAGES_OF_RELEASES])

    @cached_property
    def _built_rules(self) -> dict[tuple[str | None, str], Row]:
        return {(row["model"], row["check_name"]): row for row in self.rules if row["shape"] in ("model", "release")}

    @cached_property
    def _loads_by(self) -> dict[str, dict[str, list[Row]]]:
        return {name: _grouped(self.loads, name) for name in ("source_id", "first_release_id")}


def read_report(folder: Path, facts: Mapping[str, Any], drills: Sequence[Row], limits: Mapping[str, Any]) -> Report:
    """Reads what the pages of a release tell.

    Args:
        folder: the release's folder, with its database.
        facts: the release's facts as its manifest has them, files not needed.
        drills: results of drills, the newest first.
        limits: DuckDB's configuration.
    """
    import duckdb

    diff = folder / DIFF
    with duckdb.connect(folder / DATABASE, read_only=True, config=dict(limits)) as connection:
        connection.execute(f"set variable release_id = {quoted(facts['release_id'])}")
        for name, limit in _LIMITS.items():
            connection.execute(f"set variable {name} = {limit}")
        connection.execute(_query("prepare"))
        tables = main_tables(connection, folder_catalog(connection))
        return Report(
            facts=facts,
            releases=_rows(connection, "releases"),
            loads=_rows(connection, "loads"),
            checks=_grouped(_rows(connection, "checks"), "subject_id"),
            rejected=_grouped(_rows(connection, "rejected"), "load_id"),
            reasons=_grouped(_rows(connection, "reasons"), "load_id"),
            sources=_rows(connection, "sources"),
            rules=_rows(connection, "rules"),
            duties=_duties(connection) if "rpt_completeness" in tables else {},
            names={row["code"]: row for row in _rows(connection, "names")},
            builds=_grouped(_rows(connection, "builds"), "release_id"),
            periods={row["period_id"]: row for row in _rows(connection, "periods")},
            sheets=_grouped(_rows(connection, "sheets"), "load_id") if "audit_load_sheets" in tables else {},
            drills=drills,
            diff=json.loads(diff.read_text(encoding="utf-8")) if diff.is_file() else None,
            decisions=_rows(connection, "decisions") if "audit_decisions" in tables else None,
        )


def _duties(connection: "duckdb.DuckDBPyConnection") -> dict[str, Row]:
    absences = _grouped(_rows(connection, "absences"), "source_id")
    # the counts in all come before those of each period and of each province
    return {
        source_id: {
            **total,
            "periods": [row for row in counts if row["period_id"]],
            "provinces": [row for row in counts if row["province_id"]],
            "absences": absences.get(source_id, []),
        }
        for source_id, (total, *counts) in _grouped(_rows(connection, "duties"), "source_id").items()
    }


def _rows(connection: "duckdb.DuckDBPyConnection", name: str) -> list[Row]:
    return rows(connection, _query(name))


def _query(name: str) -> str:
    return (_QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def _grouped(rows: Sequence[Row], key: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups

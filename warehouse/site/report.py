"""What the pages tell: everything is read from the published tables of one release, the manifest's facts and drills.

Tables that a release may lack (`audit_decisions` …) give empty lists, and their sections stay out of the pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.content import main_tables
from warehouse.release_files import DATABASE, folder_catalog

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

# A release's pages must not grow with the years: what lies beyond stays in the lists and the tables.
PAGES_OF_LOADS = 1000
PAGES_OF_RELEASES = 60
REJECTED_BY_REASON = 20
RESULTS_SHOWN = 30


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
        rules: every check of every shape with its history.
        periods: labels of the periods that loads reach from and to, by id.
        sheets: load id to the balance of each of its sheets; empty where the release has no such table.
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
    periods: Mapping[str, Row]
    sheets: Mapping[str, Sequence[Row]]
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

    @cached_property
    def by_id(self) -> dict[str, Row]:
        """Every load by its id."""
        return {load["load_id"]: load for load in self.loads}

    @cached_property
    def paged_releases(self) -> frozenset[str]:
        """Ids of the releases that have a page of their own."""
        return frozenset(row["release_id"] for row in self.releases[:PAGES_OF_RELEASES])

    @cached_property
    def _loads_by(self) -> dict[str, dict[str, list[Row]]]:
        return {name: _grouped(self.loads, name) for name in ("source_id", "first_release_id")}


def read_report(folder: Path, facts: Mapping[str, Any], limits: Mapping[str, Any]) -> Report:
    """Reads what the pages of a release tell.

    Args:
        folder: the release's folder, with its database.
        facts: the release's facts as its manifest has them, files not needed.
        limits: DuckDB's configuration.
    """
    import duckdb

    with duckdb.connect(folder / DATABASE, read_only=True, config=dict(limits)) as connection:
        choice = {"release_id": facts["release_id"], "most": PAGES_OF_LOADS}
        connection.execute(_WITH_LATER_COLUMNS)
        connection.execute("create temp table page_loads as " + _PAGE_LOADS, choice)
        tables = main_tables(connection, folder_catalog(connection))
        return Report(
            facts=facts,
            releases=_rows(connection, _RELEASES),
            loads=_rows(connection, _LOADS),
            checks=_grouped(_rows(connection, _CHECKS), "subject_id"),
            rejected=_grouped(_rows(connection, _REJECTED), "load_id"),
            reasons=_grouped(_rows(connection, _REASONS), "load_id"),
            sources=_rows(connection, _SOURCES),
            rules=_rows(connection, _RULES),
            periods={row["period_id"]: row for row in _rows(connection, _PERIODS)},
            sheets=_grouped(_rows(connection, _SHEETS), "load_id") if "audit_load_sheets" in tables else {},
            decisions=_rows(connection, _DECISIONS) if "audit_decisions" in tables else None,
        )


def _rows(connection: "duckdb.DuckDBPyConnection", query: str) -> list[Row]:
    result = connection.execute(query)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _grouped(rows: Sequence[Row], key: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups


# Columns that releases have since people decide about loads; those made before lack them.
_WITH_LATER_COLUMNS = """
    create temp view all_loads as
    select * from main.audit_loads union all by name select null::varchar as decision where false;
    create temp view all_checks as
    select * from main.audit_checks union all by name select null::varchar as waiver where false;
"""

# what is open comes first, then what this release brought and is not plainly good
_PAGE_LOADS = """
    select load_id
    from all_loads
    where first_release_id = $release_id or (verdict in ('quarantined', 'failed') and superseded_by is null and decision is null)
    order by
        verdict in ('quarantined', 'failed') desc, rows_rejected > 0 or verdict <> 'accepted' desc,
        received_at desc, load_id
    limit $most
"""

_LOADS = """
    select
        loads.*,
        loads.rows_read - loads.rows_accepted - loads.rows_rejected - loads.rows_superseded as difference,
        verdict in ('quarantined', 'failed') and superseded_by is null and decision is null as is_open,
        pages.load_id is not null as has_page,
        coalesce(failures.failed_checks, 0) as failed_checks
    from all_loads as loads
    left join page_loads as pages on loads.load_id = pages.load_id
    left join (
        select subject_id, count(*) as failed_checks
        from all_checks
        where subject_type = 'load' and (not success or errored)
        group by subject_id
    ) as failures on loads.load_id = failures.subject_id
    order by loads.received_at desc, loads.source_id, loads.last_period_id desc, loads.load_id
"""

_RELEASES = """
    select
        releases.*,
        count(loads.load_id) as loads,
        count(loads.load_id) filter (verdict = 'accepted') as accepted,
        count(loads.load_id) filter (verdict = 'accepted_with_warnings') as accepted_with_warnings,
        count(loads.load_id) filter (verdict = 'quarantined') as quarantined,
        count(loads.load_id) filter (verdict = 'superseded') as superseded,
        count(loads.load_id) filter (verdict = 'duplicate') as duplicate,
        count(loads.load_id) filter (verdict = 'failed') as failed,
        coalesce(sum(rows_read), 0)::bigint as rows_read,
        coalesce(sum(rows_accepted), 0)::bigint as rows_accepted,
        coalesce(sum(rows_superseded), 0)::bigint as rows_superseded,
        coalesce(sum(rows_rejected), 0)::bigint as rows_rejected
    from main.audit_releases as releases
    left join all_loads as loads on releases.release_id = loads.first_release_id
    group by all
    order by releases.ledger_entry desc, releases.release_id desc
"""

_CHECKS = """
    select checks.*
    from all_checks as checks
    inner join page_loads on checks.subject_type = 'load' and checks.subject_id = page_loads.load_id
    order by checks.subject_id, checks.success and not checks.errored, checks.severity, checks.check_name, checks.run_id
"""

_REJECTED = f"""
    select examples.*
    from main.audit_rejected_rows as examples
    inner join page_loads on examples.load_id = page_loads.load_id
    qualify row_number() over (partition by examples.load_id, reason_code order by row_no) <= {REJECTED_BY_REASON}
    order by examples.load_id, row_no
"""

_REASONS = """
    select load_id, reason_code, count(*) as row_count
    from main.audit_rejected_rows
    group by load_id, reason_code
    order by load_id, row_count desc, reason_code
"""

_RULES = f"""
    with results as (
        select
            checks.*,
            coalesce(loads.shape, checks.subject_type) as shape,
            row_number() over newest as age,
            lag(checks.success) over earlier as success_before
        from all_checks as checks
        left join all_loads as loads on checks.subject_type = 'load' and checks.subject_id = loads.load_id
        window
            newest as (
                partition by coalesce(loads.shape, checks.subject_type), checks.check_name
                order by checks.checked_at desc, loads.last_period_id desc, checks.subject_id desc, checks.run_id desc
            ),
            earlier as (
                partition by coalesce(loads.shape, checks.subject_type), loads.source_id, checks.check_name
                order by checks.checked_at, loads.last_period_id, checks.subject_id, checks.run_id
            )
    )

    select
        shape, check_name,
        arg_min(rule_vi, age) as rule_vi,
        arg_min(rule_en, age) as rule_en,
        arg_min(severity, age) as severity,
        arg_min(on_fail, age) as on_fail,
        count(*) as results,
        count(*) filter (success and not errored) as passed,
        count(*) filter (not success and not errored) as failed,
        count(*) filter (errored) as errored,
        sum(unexpected_count)::bigint as unexpected_count,
        sum(element_count)::bigint as element_count,
        count(*) filter (success <> success_before) / nullif(count(success_before), 0) as flakiness,
        max(checked_at) filter (not success) as last_failed_at,
        list(case when errored then 'errored' when success then 'passed' else 'failed' end order by age desc)
            filter (age <= {RESULTS_SHOWN}) as history
    from results
    group by shape, check_name
    order by shape, check_name
"""

_SOURCES = """
    with per_load as (
        select
            loads.*,
            date_diff('day', periods.end_date, (received_at + interval 7 hour)::date) as days_after
        from all_loads as loads
        left join main.dim_periods as periods on loads.last_period_id = periods.period_id
        where verdict <> 'duplicate'
    ),

    scores as (
        select
            source_id,
            count(*) as loads,
            count(*) filter (verdict in ('quarantined', 'failed') and superseded_by is null and decision is null) as open_loads,
            count(*) filter (verdict not in ('quarantined', 'failed')) / count(*) as load_score,
            sum(rows_read)::bigint as rows_read,
            sum(rows_accepted)::bigint as rows_accepted,
            sum(rows_superseded)::bigint as rows_superseded,
            sum(rows_rejected)::bigint as rows_rejected,
            1 - sum(rows_rejected) / nullif(sum(rows_read), 0) as row_score,
            median(days_after) filter (days_after >= 0) as days_after,
            max(received_at) as last_received_at,
            arg_max(last_period_id, end_of_period) as last_period_id
        from (select *, coalesce(last_period_id, '') as end_of_period from per_load)
        group by source_id
    ),

    checked as (
        select
            loads.source_id,
            count(*) as checks,
            count(*) filter (success and not errored) / count(*) as check_score
        from all_checks as checks
        inner join all_loads as loads on checks.subject_type = 'load' and checks.subject_id = loads.load_id
        group by loads.source_id
    )

    select
        sources.*, scores.* exclude (source_id), checked.* exclude (source_id),
        list_avg(list_filter([load_score, row_score, check_score], lambda part: part is not null)) as score
    from main.dim_sources as sources
    left join scores on sources.source_id = scores.source_id
    left join checked on sources.source_id = checked.source_id
    order by sources.source_id
"""

_PERIODS = """
    select period_id, label_vi, label_en
    from main.dim_periods
    where period_id in (
        select unnest([first_period_id, last_period_id]) from all_loads
    )
"""

_SHEETS = """
    select
        sheets.*,
        rows_read - rows_accepted - rows_rejected - rows_superseded as difference
    from main.audit_load_sheets as sheets
    inner join page_loads on sheets.load_id = page_loads.load_id
    order by sheets.load_id, sheet
"""

_DECISIONS = "select * from main.audit_decisions order by decision_no desc"

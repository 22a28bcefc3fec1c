"""The charts that templates ask for, each made of rows of the report in the words of one language."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from warehouse.site.charts import lines_of_shares, stacked_bars
from warehouse.site.language import Language
from warehouse.site.report import Report
from warehouse.sql import Row

VERDICTS = ("accepted", "accepted_with_warnings", "superseded", "quarantined", "failed", "duplicate")
ROW_COUNTS = ("rows_accepted", "rows_superseded", "rows_rejected")
SHARES_OF_DUTIES = ("completeness", "timeliness")
FAULT_COUNTS = ("detected", "read_rightly", "missed")
_BARS = 30


def drawings(report: Report, language: Language) -> dict[str, Callable[..., Markup]]:
    """The charts by name; they are empty where there is nothing to compare."""

    def number(value: float) -> str:
        return language.n(round(value))

    def day(row: Row, name: str) -> str:
        return str(language.day(row[name]))

    def verdicts_by_source(loads: Sequence[Row]) -> Markup:
        names = sorted({load["source_id"] for load in loads})
        counts = {
            verdict: (
                language.term("verdict", verdict),
                [sum((load["source_id"], load["verdict"]) == (name, verdict) for load in loads) for name in names],
            )
            for verdict in VERDICTS
        }
        return (
            stacked_bars(language.t("loads_by_source"), names, counts, number, horizontal=True) if names else Markup()
        )

    def verdicts_by_release() -> Markup:
        rows = report.releases[:_BARS][::-1]
        labels = [day(row, "published_at") for row in rows]
        counts = {verdict: (language.term("verdict", verdict), [row[verdict] for row in rows]) for verdict in VERDICTS}
        return stacked_bars(language.t("loads_by_release"), labels, counts, number) if len(rows) > 1 else Markup()

    def rows_by_load(loads: Sequence[Row]) -> Markup:
        """Loads of one source by the period they end with: that is what its reader compares."""
        rows = [load for load in loads if load["rows_read"] and load["verdict"] not in ("superseded", "duplicate")]
        rows = sorted(rows, key=lambda load: (load["last_period_id"] or "", load["received_at"]))[-_BARS:]
        labels = [load["last_period_id"] or day(load, "received_at") for load in rows]
        counts = {name: (language.t(name), [load[name] for load in rows]) for name in ROW_COUNTS}
        return stacked_bars(language.t("rows_by_load"), labels, counts, number) if len(rows) > 1 else Markup()

    def shares_by_period(periods: Sequence[Row]) -> Markup:
        """Shares of what was due, of periods given with the newest first."""
        rows = periods[::-1]
        labels = [row["period_id"] for row in rows]
        shares = {name: (language.t(name), [row[name] for row in rows]) for name in SHARES_OF_DUTIES}
        title = language.t("shares_by_period")
        return lines_of_shares(title, labels, shares, language.share) if len(rows) > 1 else Markup()

    def faults_by_kind(drill: Row) -> Markup:
        kinds = [kind for kind in drill["kinds"] if kind["injected"]]
        counts = {name: (language.t(name), [kind[name] for kind in kinds]) for name in FAULT_COUNTS}
        names = [language.of(kind, "name") for kind in kinds]
        title = language.t("faults_by_kind")
        return stacked_bars(title, names, counts, number, horizontal=True) if kinds else Markup()

    drawn = (verdicts_by_source, verdicts_by_release, rows_by_load, shares_by_period, faults_by_kind)
    return {draw.__name__: draw for draw in drawn}

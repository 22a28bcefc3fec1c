"""What regular sources promise: which figures, of which provinces, from when to when, and which they need not give.

Three tables, the ground of sums over operators and of the calendar of obligations:

- `expected_members`: source × indicator × breakdown, with the first and last period promised; a log of dossiers is
  promised as LOG_FIGURE
- `expected_areas`: source × province it reports on; a null province stands for all of its boundary set
- `exempt_figures`: figures a source need not give, with the reason and whether they cannot exist or are confidential
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from ingestion.drafts import TOTAL_BREAKDOWN, joined_breakdown
from ingestion.errors import SourceError
from ingestion.log_layout import LOG_SHAPE
from ingestion.periods import first_day, last_day, period_type
from ingestion.source import Source
from ingestion.tables import measures_of

Rows = list[dict[str, Any]]

ALL_PROVINCES = "all_provinces"
# dossiers received: what every log gives of each province and month, whatever its columns
LOG_FIGURE = ("dvc_received", TOTAL_BREAKDOWN)


def promises_of(
    sources: Mapping[str, Source], province_ids: Container[str], indicator_codes: Container[str]
) -> dict[str, Rows]:
    """Every table of promises by its name.

    Args:
        sources: the declared sources by id.
        province_ids: the areas that exist: a mistyped one would owe nothing, unseen.
        indicator_codes: the indicators that exist.

    Raises:
        SourceError: a source names a province or an indicator that does not exist.
    """
    tables = {
        "expected_members": [row for source in sources.values() for row in expected_members(source)],
        "expected_areas": [row for source in sources.values() for row in expected_areas(source)],
        "exempt_figures": [row for source in sources.values() for row in exempt_figures(source)],
    }
    known = {"province_id": province_ids, "indicator_code": indicator_codes}
    for row in (*tables["expected_areas"], *tables["exempt_figures"]):
        for column, values in known.items():
            if (said := row.get(column)) is not None and said not in values:
                raise SourceError(f"{sources[row['source_id']].path}: {column}: there is no {said}")
    return tables


def expected_members(source: Source) -> Iterator[dict[str, Any]]:
    """One row per indicator and breakdown a source promises, with the periods it covers.

    Only sources that declare `expected_from` promise anything; a sum over operators is whole when all that promise
    the indicator for the period have reported.
    """
    for code, breakdown in promised_figures(source) if source.expected_from else ():
        yield {
            "source_id": source.source_id,
            "indicator_code": code,
            "breakdown": breakdown,
            "expected_from": source.expected_from,
            "expected_to": source.expected_to,
        }


def promised_figures(source: Source) -> Iterator[tuple[str, str]]:
    """Indicator and breakdown of each figure that a source gives of every province and period."""
    if source.shape == LOG_SHAPE:
        yield LOG_FIGURE
        return
    for layout, measure in measures_of(source.layout):
        members = {**layout.get("constants", {}), **measure.get("breakdown", {})}
        codes = layout["indicators"]["labels"].values() if "indicators" in layout else [measure["indicator_code"]]
        yield from ((code, joined_breakdown(members)) for code in codes)


def expected_areas(source: Source) -> Iterator[dict[str, Any]]:
    """One row per province a source promises to report on; one with a null province where it promises all."""
    coverage = source.raw.get("coverage", ())
    for province_id in [None] if coverage == ALL_PROVINCES else coverage:
        yield {"source_id": source.source_id, "province_id": province_id}


def exempt_figures(source: Source) -> Iterator[dict[str, Any]]:
    """One row per province of an entry of `exempt`; a null indicator stands for all, null periods for open ends."""
    for entry in source.raw.get("exempt", ()):
        for province_id in entry["provinces"]:
            yield {
                "source_id": source.source_id,
                "province_id": province_id,
                "indicator_code": entry.get("indicator_code"),
                "exempt_from": entry.get("from"),
                "exempt_to": entry.get("to"),
                "absence": entry["absence"],
                "reason": entry["reason"],
            }


def exempt_provinces(source: Source, period_ids: Iterable[str]) -> list[str]:
    """`<province> <period>` of each of some periods of which a province need give none of the figures promised."""
    excused: dict[tuple[str, str], set[str | None]] = {}
    for row in exempt_figures(source):
        for period_id in period_ids:
            if _lies_within(period_id, row["exempt_from"], row["exempt_to"]):
                excused.setdefault((row["province_id"], period_id), set()).add(row["indicator_code"])
    promised = {row["indicator_code"] for row in expected_members(source)}
    return sorted(
        f"{province_id} {period_id}"
        for (province_id, period_id), codes in excused.items()
        if None in codes or (promised and promised <= codes)
    )


def _lies_within(period_id: str, first_period_id: str | None, last_period_id: str | None) -> bool:
    if period_type(period_id) == "undated":
        return first_period_id is None and last_period_id is None
    is_after = first_period_id is None or first_day(first_period_id) <= first_day(period_id)
    return is_after and (last_period_id is None or last_day(period_id) <= last_day(last_period_id))

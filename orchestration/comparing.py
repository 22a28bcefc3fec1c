"""What a load of a sheet is held against: what its source told before, and what other sources tell."""

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.home import Home
from warehouse.load_records import Load, LoadRecord
from warehouse.other_sources import Ratio, write_other_sources
from warehouse.previous_values import write_previous_values
from warehouse.series_history import write_series_history


def facts_compared(home: Home, load: Load, earlier: Sequence[LoadRecord]) -> dict[str, Any]:
    """Write the comparisons of a staged load beside its rows, and give them as fields of `LoadFacts`.

    Args:
        home: the home.
        load: the load.
        earlier: the source's accepted loads before it, the oldest first.
    """
    previous = earlier[-1] if earlier else None
    history = write_series_history(home.paths, load, earlier)
    members = home.promises["expected_members"]
    return {
        "previous_row_count": int(previous.payload["rows_read"]) if previous else None,
        "previous_values_file": write_previous_values(home.paths, load, previous),
        "series_file": history.series,
        "steady_file": history.steady,
        "others_file": write_other_sources(home.paths, home.ledger, load, ratios(home)),
        "expected_operators": sorted({f"{row['indicator_code']} {row['breakdown']}" for row in members}),
    }


def ratios(home: Home) -> list[Ratio]:
    """The ratios of the catalogue whose denominator may be of another year, with the bounds of their values."""
    parts: dict[str, dict[str, Mapping[str, str]]] = {}
    for row in home.seed("indicator_parts"):
        parts.setdefault(row["indicator_code"], {})[row["role"]] = row
    found = []
    for code, roles in sorted(parts.items()):
        if roles.keys() != {"numerator", "denominator"} or not roles["denominator"]["max_age_years"]:
            continue
        low, high = home.reference.bounds.get(code, (None, None))
        found.append(
            Ratio(
                ratio_code=code,
                numerator_code=roles["numerator"]["part_code"],
                denominator_code=roles["denominator"]["part_code"],
                factor=home.reference.indicators[code]["factor"],
                max_age_years=int(roles["denominator"]["max_age_years"]),
                min_value=None if low is None else str(low),
                max_value=None if high is None else str(high),
            )
        )
    return found

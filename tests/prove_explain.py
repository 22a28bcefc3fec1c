"""Prove that published values follow from the cells their explanations name, and from no others.

`make prove-explain`; about three minutes of CPU time. First, every stored figure is read again from the text of its
cell; values drawn over all methods are explained, and worked out again from a star that holds only the cells the tree
names. Then, for one figure of an inbox file after the other, everything is loaded and built again with that figure
changed: the values that changed are compared with those that change when the figure is changed in what `explain` works
from, and with those whose tree names its cell.
"""

import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import duckdb

from ingestion.read_again import multiplier_between
from orchestration.home import look_at_home
from tests.conftest import PROJECT_DIR
from tests.orchestration.explained_world import Change, apply, changes, write_world
from warehouse.content import main_tables
from warehouse.explain.explanation import Key, explain
from warehouse.explain.figure import Figure
from warehouse.explain.rankings import Place, rankings
from warehouse.explain.rankings import differences as differences_of_places
from warehouse.explain.star import Star, read_star
from warehouse.explain.tree import cells_named
from warehouse.explain.values import as_published, differences, value
from warehouse.sql import rows

DRAWN, SEED = 1000, 20221122
RANKS = "rank"  # beside the methods of the centre
Asked = tuple[str, str, str, str]  # area, indicator, period; `value`, or the method of a place
Cell = tuple[str, str, str]


def nightly(home: Path) -> subprocess.CompletedProcess[str]:
    """The night, by the command; however long a busy machine takes."""
    command = [sys.executable, "-m", "orchestration", "--home", str(home), "nightly", "--json"]
    return subprocess.run(command, capture_output=True, text=True, cwd=PROJECT_DIR, check=False)


@contextmanager
def opened(home: Path) -> Iterator[Star]:
    """The release of a home, its observations behind a view that can be narrowed or changed."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home / 'current' / 'sotinh.duckdb'}' as release (read_only)")
        connection.execute("create table named (load_id varchar, sheet varchar, cell varchar)")
        for table in main_tables(connection, "release"):
            connection.execute(f"create view {table} as from release.main.{table}")
        yield read_star(connection)


def see(star: Star, observations: str) -> Star:
    """The same star with other observations, and nothing worked out yet."""
    star.connection.execute(f"create or replace view fct_observations as {observations}")
    return replace(star, memory={})


def asked(star: Star) -> dict[Asked, dict[str, Any]]:
    """Every published value and place."""
    values = rows(star.connection, "from fct_indicator_values")
    places = rows(star.connection, "from rpt_rankings")
    key = ("province_id", "indicator_code", "period_id")
    return {(*(row[name] for name in key), "value"): row for row in values} | {
        (*(row[name] for name in key), row["method"]): row for row in places
    }


def answer(star: Star, one: Asked) -> Figure | Place | None:
    """What is worked out for a published value or place."""
    if one[3] == "value":
        return value(star, *one[:3])
    return next((place for place in rankings(star, *one[:3]) if place.method == one[3]), None)


def is_equal(row: dict[str, Any], found: Figure | Place | None) -> bool:
    if found is None:
        return False
    return not (differences(row, found) if isinstance(found, Figure) else differences_of_places(row, found))


def named(found: Figure | Place) -> set[Cell]:
    """The cells of a value; of a place those of its figures, and of the place a year before."""
    if isinstance(found, Figure):
        return cells_named(found)
    own = set().union(*(cells_named(figure) for _, figure in found.figures))
    return own | (named(found.previous) if found.previous else set())


def told(found: Figure | Place | None) -> Any:
    """What can be compared between two builds: all but the load, which is another for other bytes."""
    if isinstance(found, Place):
        return found.rank, tuple(sorted((found.told or {}).items(), key=str))
    return None if found is None else tuple(v for k, v in sorted(as_published(found).items()) if k != "load_id")


def draw(everything: dict[Asked, dict[str, Any]]) -> list[Asked]:
    """As many of each method as there are, up to an equal share; the rest from those that have more."""
    strata = defaultdict(list)
    for one, row in sorted(everything.items()):
        strata[RANKS + " " + one[3] if one[3] != "value" else row["method"]].append(one)
    random = Random(SEED)
    share = DRAWN // len(strata)
    drawn = [one for own in strata.values() for one in random.sample(own, min(share, len(own)))]
    rest = sorted(everything.keys() - set(drawn))
    return drawn + random.sample(rest, max(0, min(DRAWN - len(drawn), len(rest))))


def prove_drawn(home: Path) -> list[str]:
    """Explain the drawn values, and work each out again from nothing but the cells it names."""
    wrong, methods = [], Counter()
    with opened(home) as star:
        everything = asked(star)
        only = "from release.main.fct_observations semi join named using (load_id, sheet, cell)"
        for one in draw(everything):
            row = everything[one]
            found = answer(star, one)
            document = explain(star, Key(*one[:3]))
            is_told = document["recomputed"] == "equal" if one[3] == "value" else any(
                each["method"] == one[3] and each["recomputed"] == "equal" for each in document["rankings"]
            )  # fmt: skip
            cells = named(found) if found is not None else set()
            methods[RANKS + " " + one[3] if one[3] != "value" else row["method"]] += 1
            star.connection.execute("delete from named")
            if cells:
                star.connection.executemany("insert into named values (?, ?, ?)", [list(cell) for cell in cells])
            alone = answer(see(star, only), one)
            see(star, "from release.main.fct_observations")
            if not (is_told and is_equal(row, found) and is_equal(row, alone)):
                wrong.append(f"{one}: published {row}, worked out {told(found)}, from its cells {told(alone)}")
    print(f"{sum(methods.values())} values drawn of {len(everything)}: {dict(sorted(methods.items()))}")
    return wrong


def prove_texts(home: Path) -> list[str]:
    """Read the printed text of every cell of a release again; it makes the figure that stands there."""
    opened_home = look_at_home(home)
    with opened(home) as star:
        cells = rows(
            star.connection,
            "select distinct source_id, value_text, value, unit from fct_observations "
            "where value is not null and correction is null",
        )
    lost = [
        f"{cell}: the text does not make the figure"
        for cell in cells
        if multiplier_between(
            cell["value_text"], cell["value"], cell["unit"], opened_home.sources[cell["source_id"]],
            opened_home.reference,
        ) is None
    ]  # fmt: skip
    print(f"{len(cells)} different texts of cells read again, {len(lost)} of them otherwise")
    return lost


def prove_all(star: Star, everything: dict[Asked, dict[str, Any]]) -> dict[Asked, Figure | Place]:
    """Every published value of a release, worked out; whatever differs ends the proof."""
    found = {one: answer(star, one) for one in everything}
    wrong = [one for one, row in everything.items() if not is_equal(row, found[one])]
    if wrong:
        sys.exit(f"worked out otherwise: {wrong[:5]} and {len(wrong)} in all")
    return {one: each for one, each in found.items() if each is not None}


def prove_change(
    star: Star, everything: dict[Asked, dict[str, Any]], found: dict[Asked, Figure | Place], home: Path, change: Change
) -> list[str]:
    """Build with one figure changed; compare what changed with what explain says depends on its cell."""
    before = apply(home, change)
    night = nightly(home)
    if night.returncode:
        return [f"{change.name}: the night ended with {night.returncode}: {night.stdout[-500:]}"]
    with opened(home) as other:
        after = asked(other)
        found_after = prove_all(other, after)
        (load_id, sheet, number), *more = rows_of(star, other, change)
        if more or everything.keys() != after.keys():
            return [f"{change.name}: {len(more) + 1} observations differ, keys {everything.keys() ^ after.keys()}"]
        changed = {one for one in everything if told(found[one]) != told(found_after[one])}
        naming = {one for one in everything if (load_id, sheet, change.cell) in named(found[one])}
        overlaid = see(
            star,
            f"select * replace (case when (load_id, sheet, cell) = ('{load_id}', '{sheet}', '{change.cell}') "
            f"then {number} else value end as value) from release.main.fct_observations",
        )
        predicted = {one for one in everything if told(answer(overlaid, one)) != told(found[one])}
        see(star, "from release.main.fct_observations")
    unmoved = Counter(everything[one]["method"] for one in naming - changed)
    print(
        f"{change.name}: {before} in {change.file_name} {change.cell}: {len(naming)} values name it, {len(changed)} "
        f"changed, {len(predicted)} were to change; named and unchanged: {dict(unmoved)}",
        flush=True,
    )
    if not changed == predicted <= naming:
        return [f"{change.name}: {sorted(changed ^ predicted)[:5]} {sorted(predicted - naming)[:5]}"]
    return []


def rows_of(star: Star, other: Star, change: Change) -> list[tuple[str, str, Any]]:
    """Load and sheet of the observations that differ between two builds, with the new number; by cell of one file."""
    ask = (
        "select o.sheet, o.cell, o.load_id, o.value from fct_observations as o join audit_loads as l using (load_id) "
        "where l.source_id = ? and l.file_name = ?"
    )
    told = [
        {(row["sheet"], row["cell"]): row for row in rows(each.connection, ask, [change.source_id, change.file_name])}
        for each in (star, other)
    ]
    return [
        (row["load_id"], row["sheet"], told[1][place]["value"])
        for place, row in told[0].items()
        if told[1][place]["value"] != row["value"]
    ]


def main() -> None:
    with TemporaryDirectory() as folder:
        started = perf_counter()
        base = Path(folder) / "base"
        write_world(base)
        night = nightly(base)
        if night.returncode:
            sys.exit(night.stdout[-3000:] + night.stderr[-3000:])
        print(f"built, {perf_counter() - started:.0f} s", flush=True)
        wrong = [*prove_texts(base), *prove_drawn(base)]
        print(f"{perf_counter() - started:.0f} s", flush=True)
        with opened(base) as star:
            everything = asked(star)
            found = prove_all(star, everything)
            for number, change in enumerate(changes()):
                home = Path(folder) / f"changed-{number}"
                write_world(home)
                shutil.copytree(base / "build" / "dbt" / "parse", home / "build" / "dbt" / "parse")
                wrong += prove_change(star, everything, found, home, change)
                shutil.rmtree(home)
        print(f"{perf_counter() - started:.0f} s")
        sys.exit("\n".join(wrong[:10]) if wrong else None)


if __name__ == "__main__":
    main()

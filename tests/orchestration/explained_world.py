"""A home in which values of every method are published, and figures of its inbox that can be changed before loading.

The sample inbox, and beside it invented figures of the 63 provinces: an index with and without printed totals, scores
of the year whose merged provinces have means, shares with their weights, a population one year older than the
subscribers, the same population by a second publisher, and running totals.
"""

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml

from ingestion.sample import write_sample
from tests.dbt_project.test_project_rules import seed_rows
from tests.ingestion.sheets import LONG, LONG_HEADER

SEED = 20221122
PARTS = tuple(row["part_code"] for row in seed_rows("index_weights")
              if row["indicator_code"] == "dti_score" and float(row["weight"]) > 0)  # fmt: skip
PROVINCES = [row["name_vi"] for row in seed_rows("provinces")
             if (row["area_level"], row["boundary_set"]) == ("province", "63")]  # fmt: skip
WITHOUT_TOTAL = PROVINCES[:5]
OWN, OTHER, TOTALS = "so_lieu_thu", "so_lieu_khac", "luy_ke_thu"  # sources; the second ranks behind the first

Line = tuple[str, str, str, str]  # place, indicator, value, period


@dataclass(frozen=True)
class Change:
    """One figure of one file of the inbox, and what to print instead.

    Attributes:
        name: what it is a figure of.
        place: source, file and cell.
    """

    name: str
    source_id: str
    file_name: str
    cell: str
    text: str


def write_world(home: Path) -> None:
    """Write the whole inbox, and the declarations of the invented sources."""
    write_sample(home / "inbox")
    (home / "sotinh.toml").write_text("settle_seconds = 0\n", encoding="utf-8")
    (home / "sources").mkdir(parents=True, exist_ok=True)
    for source_id, rank, basis in ((OWN, 40, "period"), (OTHER, 41, "period"), (TOTALS, 40, "ytd")):
        declared: dict[str, Any] = {**LONG, "source_id": source_id, "rank": rank, "boundary_set": "63"}
        declared["layout"] = {**LONG["layout"], "basis": basis}
        path = home / "sources" / f"{source_id}.yml"
        path.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
        folder = home / "inbox" / source_id
        folder.mkdir(parents=True)
        (folder / f"{source_id}.csv").write_text(_text(_lines(source_id)), encoding="utf-8")


def changes() -> list[Change]:
    """Figures of every kind of use: member, denominator, part, weight, running total, and two that only ever lose."""
    first, printed = WITHOUT_TOTAL[0], PROVINCES[7]
    return [
        Change("a member of an operator", "viettel", "viettel_2022-08.xlsx", "E22", ""),
        _change("a population used a year later", OWN, (first, "ctx_pop_avg", "2021")),
        _change("a main index without a printed total", OWN, (first, PARTS[0], "2023")),
        _change("a main index whose total is printed", OWN, (printed, PARTS[0], "2023")),
        _change("a score of the year of means", OWN, (first, "dti_score", "2024")),
        _change("a weight", OWN, (printed, "ctx_household", "2022")),
        _change("a share", OWN, (printed, "tel_hh_internet_pct", "2022")),
        _change("a running total", TOTALS, (first, "tel_revenue", "2022-03")),
        _change("a figure another publisher overrules", OTHER, (first, "ctx_pop_avg", "2021")),
        Change("a printed rank", "bo_tttt_dti", "dti_2022.csv", "A19", "17"),
    ]


def apply(home: Path, change: Change) -> str:
    """Change one figure of the inbox; returns what was printed before."""
    path = home / "inbox" / change.source_id / change.file_name
    return _change_workbook(path, change.cell) if path.suffix == ".xlsx" else _change_csv(path, change)


def _change(name: str, source_id: str, key: tuple[str, str, str]) -> Change:
    for number, (place, indicator, value, period) in enumerate(_lines(source_id), start=2):
        if (place, indicator, period) == key:
            last = "1" if value[-1] != "1" else "2"
            return Change(name, source_id, f"{source_id}.csv", f"D{number}", value[:-1] + last)
    raise LookupError(key)


def _lines(source_id: str) -> list[Line]:
    return list({OWN: _own, OTHER: _other, TOTALS: _running_totals}[source_id](Random(f"{SEED} {source_id}")))


def _own(random: Random) -> Iterator[Line]:
    for place in PROVINCES:
        scores = [f"{random.uniform(0.3, 0.9):.4f}" for _ in PARTS]
        yield from ((place, part, score, "2023") for part, score in zip(PARTS, scores, strict=True))
        if place not in WITHOUT_TOTAL:
            yield place, "dti_score", f"{random.uniform(0.4, 0.8):.4f}", "2023"
        yield place, "dti_score", f"{random.uniform(0.4, 0.8):.4f}", "2024"
        yield place, "ctx_pop_avg", str(random.randint(300_000, 9_000_000)), "2021"
        yield place, "ctx_household", str(random.randint(80_000, 2_000_000)), "2022"
        yield place, "tel_hh_internet_pct", f"{random.uniform(40, 95):.1f}", "2022"


def _other(random: Random) -> Iterator[Line]:
    for place in PROVINCES[:10]:
        yield place, "ctx_pop_avg", str(random.randint(300_000, 9_000_000)), "2021"


def _running_totals(random: Random) -> Iterator[Line]:
    for place in PROVINCES[:10]:
        total = 0
        for month in range(1, 8):
            total += random.randint(1000, 90_000)
            yield place, "tel_revenue", str(total), f"2022-{month:02d}"


_UNITS = {"dti": "index 0-1", "ctx_pop_avg": "person", "ctx_household": "household", "tel_revenue": "million VND"}


def _text(lines: list[Line]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(LONG_HEADER.split(","))
    for place, indicator, value, period in lines:
        unit = _UNITS.get(indicator) or _UNITS.get(indicator.split("_")[0], "%")
        writer.writerow([place, indicator, "total", value, unit, period, "observation"])
    return out.getvalue()


def _change_csv(path: Path, change: Change) -> str:
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    column, row = "ABCDEFG".index(change.cell[0]), int(change.cell[1:]) - 1
    before, rows[row][column] = rows[row][column], change.text
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8")
    return before


def _change_workbook(path: Path, cell: str) -> str:
    """One more in a cell of the first sheet that holds a whole number."""
    found: list[str] = []

    def one_more(match: re.Match[str]) -> str:
        found.append(match[2])
        return f"{match[1]}{int(match[2]) + 1}{match[3]}"

    pattern = re.compile(rf'(<c r="{cell}"[^>]*><v>)(\d+)(</v>)')
    copy = path.with_suffix(".new")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = old.read(item)
            if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", item.filename):
                data = pattern.sub(one_more, data.decode()).encode()
            new.writestr(item, data)
    shutil.move(copy, path)
    (before,) = found
    return before

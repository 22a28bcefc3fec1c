"""A workbook of many rows: read, shaped and resolved by us, and its cells read by python-calamine alone.

Once as whole processes, which counts all that they import, and once in this process, as every file of a night but the
first is read.
"""

import sys
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook

from ingestion.read import read_file
from ingestion.reference import load_reference
from ingestion.source import load_source
from tests.bench.measure import Cost, cost, cost_here, median, print_costs, print_ratios
from tests.conftest import PROJECT_DIR

ROWS, MEASURES = 100_000, 4
SOURCE = """
source_id: bench_sheet
publisher: bench
title: bench
shape: indicators
format: xlsx
rank: 50
frequency: once
boundary_set: "63"
number_locale: vi
layout:
  header_rows: 1
  period: {from: constant, value: "2022"}
  unit: {from: constant, value: thuê bao}
  places: [{column: Tỉnh, scheme: name}]
  ignore_columns: [TT]
  blank_cells: reject
  basis: point
  measures:
    - {column: Cố định, indicator_code: tel_fixed_sub}
    - {column: Di động, indicator_code: tel_mobile_sub}
    - {column: Băng rộng cố định, indicator_code: tel_bb_fixed_sub}
    - {column: Băng rộng di động, indicator_code: tel_bb_mobile_sub}
"""
ALONE = """
import sys; from python_calamine import CalamineWorkbook
rows = CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python()
assert len(rows) == int(sys.argv[3]) + 1
"""
OURS = """
import sys; from pathlib import Path
from ingestion.read import read_file
from ingestion.reference import load_reference
from ingestion.source import load_source
path = Path(sys.argv[1])
found = read_file(path, path.name, load_source(Path(sys.argv[2])), load_reference([Path("dbt_project/seeds")]))
assert (found.rows.num_rows, found.rejected.num_rows) == (4 * int(sys.argv[3]), 0)
"""


def measure(folder: Path, rounds: int) -> None:
    """Print what both cost for the same file, alternating."""
    path, yaml = folder / "bench.xlsx", folder / "bench_sheet.yml"
    yaml.write_text(SOURCE, encoding="utf-8")
    _write(path)
    alone, ours = _whole_processes(path, yaml, rounds)
    alone_here, ours_here = _here(path, yaml, rounds)
    names = (f"{ROWS:,} rows by calamine alone", f"{ROWS:,} rows read, shaped and resolved")
    print_costs(list(zip(names, (alone, ours), strict=True)))
    print_costs(list(zip(names, (alone_here, ours_here), strict=True)), "in a process that has started, median")
    print_ratios(
        [
            _ratio("sheet ÷ calamine alone, whole processes", ours, alone),
            _ratio("sheet ÷ calamine alone, in a process that has started", ours_here, alone_here),
        ]
    )


def _whole_processes(path: Path, yaml: Path, rounds: int) -> tuple[list[Cost], list[Cost]]:
    alone, ours = [], []
    for _ in range(rounds):
        for script, costs in ((ALONE, alone), (OURS, ours)):
            costs.append(cost(sys.executable, "-c", script, str(path), str(yaml), str(ROWS)))
    return alone, ours


def _here(path: Path, yaml: Path, rounds: int) -> tuple[list[Cost], list[Cost]]:
    source, reference = load_source(yaml), load_reference([PROJECT_DIR / "dbt_project" / "seeds"])

    def read_alone() -> None:
        assert len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()) == ROWS + 1

    def read() -> None:
        found = read_file(path, path.name, source, reference)
        assert (found.rows.num_rows, found.rejected.num_rows) == (MEASURES * ROWS, 0)

    pairs = [(cost_here(read_alone), cost_here(read)) for _ in range(rounds + 1)]
    alone, ours = zip(*pairs[1:], strict=True)  # the first imports what is imported late
    return list(alone), list(ours)


def _ratio(name: str, ours: list[Cost], alone: list[Cost]) -> tuple[str, float, float, str]:
    one, other = median(ours), median(alone)
    return (name, one.wall / other.wall, one.cpu / other.cpu, "≤ 2")


def _write(path: Path) -> None:
    areas = load_reference([PROJECT_DIR / "dbt_project" / "seeds"]).areas
    names = [area.name_vi for key, area in areas.items() if key.startswith("P63-")]
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Số liệu")
        sheet.write_row(0, 0, ["TT", "Tỉnh", "Cố định", "Di động", "Băng rộng cố định", "Băng rộng di động"])
        for row in range(1, ROWS + 1):
            sheet.write_row(
                row, 0, [row, names[row % len(names)], *(row * 10 + measure for measure in range(MEASURES))]
            )

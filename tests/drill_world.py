"""A clean history to drill on, month by month: three operators, a ministry's sheet, a sheet of several operators.

Figures grow, wobble with heavy tails, fall together after Tết, and now and then take a step; counts of stations move by
ones. Nothing in it is wrong, so every alarm on it is a false one. The same seed makes the same files.
"""

import csv
import io
import math
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random

import xlsxwriter

from ingestion.read import read_file
from ingestion.sample.figures import Province, figures, provinces
from ingestion.sample.workbook import CREATED, LAYOUTS, operator_workbook
from orchestration.home import Home, look_at_home, open_home
from orchestration.loading import _load
from warehouse import loads
from warehouse.landing import landed_path, receive
from warehouse.load_records import landed_files

FIRST_YEAR, FIRST_MONTH = 2022, 7
SOURCES = (*LAYOUTS, "so_tttt_thang", "cuc_vt_thang")

MINISTRY = """
source_id: so_tttt_thang
publisher: Bộ thử nghiệm
title: Bảng chỉ tiêu hằng tháng của các tỉnh (số liệu mô phỏng)
description: Monthly indicators of the provinces, synthetic; provinces by the statistics office's codes.
licence: ""
contact: ""
shape: indicators
format: csv
rank: 30
frequency: month
due_day: 20
expected_from: 2022-07
coverage: all_provinces
boundary_set: by_period
number_locale: vi
encoding: utf-8
delimiter: ";"
layout:
  header_rows: 1
  period: {from: cell, patterns: ["Kỳ số liệu: tháng {month}/{year}"], expect: month}
  places: [{column: Mã tỉnh, scheme: gso}]
  totals: skip
  skip_rows: [statistic]
  ignore_columns: [Tỉnh/TP]
  blank_cells: missing
  basis: point
  measures:
    - {column: "Hộ có internet (%)", indicator_code: tel_hh_internet_pct, unit: "%"}
    - {column: "Hộ có cáp quang (%)", indicator_code: tel_hh_fibre_pct, unit: "%"}
    - {column: "Dân số trưởng thành có smartphone (%)", indicator_code: tel_adult_smart_pct, unit: "%"}
    - {column: "Thuê bao di động", indicator_code: tel_mobile_sub, unit: thuê bao}
"""
AUTHORITY = """
source_id: cuc_vt_thang
publisher: Cục thử nghiệm
title: Thuê bao băng rộng di động theo nhà mạng (số liệu mô phỏng)
description: Mobile broadband subscriptions of three small operators in one sheet, synthetic.
licence: ""
contact: ""
shape: subscribers
format: xlsx
rank: 40
frequency: month
due_day: 25
boundary_set: by_period
number_locale: vi
layout:
  sheet: BRDĐ
  header_rows: 1
  period: {from: file_name, patterns: ["brdd_{year}-{month}"], expect: month}
  places: [{column: Tỉnh, scheme: name}]
  totals: skip
  blank_cells: missing
  basis: point
  measures:
    - {column: Vietnamobile, indicator_code: tel_bb_mobile_sub, breakdown: {operator: vietnamobile}, unit: thuê bao}
    - {column: Gtel, indicator_code: tel_bb_mobile_sub, breakdown: {operator: gmobile}, unit: thuê bao}
    - {column: iTel, indicator_code: tel_bb_mobile_sub, breakdown: {operator: itel}, unit: thuê bao}
"""
SMALL_OPERATORS = {"vietnamobile": 90, "gmobile": 14, "itel": 130}


@cache
def _walk(seed: int, name: str, province: str, months: int) -> float:
    """The logarithm of a series against its formula, after some months: a walk with heavy tails and rare steps."""
    if not months:
        return 0.0
    series = Random(f"{seed} {name} {province}")
    wobble, drift = series.uniform(0.002, 0.02), series.uniform(-0.002, 0.006)
    rng = Random(f"{seed} {name} {province} {months}")
    student = rng.gauss(0, 1) / math.sqrt(rng.gammavariate(2, 0.5))  # four degrees of freedom
    step = rng.choice([-1, 1]) * rng.uniform(0.05, 0.2) if rng.random() < 0.003 else 0
    common = Random(f"{seed} {name} {months}").gauss(0, 0.006) - (0.02 if (FIRST_MONTH + months) % 12 == 2 else 0)
    return _walk(seed, name, province, months - 1) + drift + wobble * student + step + common


def _months_since(year: int, month: int) -> int:
    return (year - FIRST_YEAR) * 12 + month - FIRST_MONTH


def moved(seed: int, name: str, province: Province, base: float, year: int, month: int) -> int:
    """A count that began at a base: whole, and of small ones most months none are added."""
    return round(base * math.exp(_walk(seed, name, province.gso_code, _months_since(year, month))))


def operator_figures(seed: int, operator: str, province: Province, year: int, month: int) -> dict[str, int]:
    """What `figures` says of the first month, moved on."""
    first = figures(operator, province, FIRST_YEAR, FIRST_MONTH)
    found = {name: moved(seed, f"{operator} {name}", province, base, year, month) for name, base in first.items()}
    return found | {"mobile": found["prepaid"] + found["postpaid"]}


def percentage(seed: int, name: str, province: Province, year: int, month: int) -> float:
    """A share that comes nearer to 100."""
    start = Random(f"{seed} {name} {province.gso_code}").uniform(0.3, 2.0)
    rest = start * math.exp(-0.5 * _walk(seed, name, province.gso_code, _months_since(year, month)))
    return round(100 / (1 + rest), 1)


def _vi(number: float) -> str:
    return f"{number:,}".replace(",", " ").replace(".", ",").replace(" ", ".")


def ministry_sheet(seed: int, year: int, month: int) -> bytes:
    """The ministry's sheet: percentages and all subscriptions, a little other than the operators'."""
    text = io.StringIO()
    sheet = csv.writer(text, delimiter=";", lineterminator="\n")
    sheet.writerow([f"Kỳ số liệu: tháng {month:02d}/{year}", "", "", "", "", ""])
    names = ("Hộ có internet (%)", "Hộ có cáp quang (%)", "Dân số trưởng thành có smartphone (%)")
    sheet.writerow(["Mã tỉnh", "Tỉnh/TP", *names, "Thuê bao di động"])
    for province in provinces():
        shares = [_vi(percentage(seed, name, province, year, month)) for name in names]
        mobile = sum(operator_figures(seed, operator, province, year, month)["mobile"] for operator in LAYOUTS)
        mobile = round(mobile * Random(f"{seed} ministry {province.gso_code} {year} {month}").uniform(0.997, 1.003))
        sheet.writerow([province.gso_code, province.name_vi, *shares, _vi(mobile)])
    return text.getvalue().encode("utf-8-sig")


def authority_sheet(seed: int, year: int, month: int) -> bytes:
    """One sheet of several operators."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": CREATED})
        page = book.add_worksheet("BRDĐ")
        page.write_row(0, 0, ["Tỉnh", "Vietnamobile", "Gtel", "iTel"])
        for row, province in enumerate(provinces(), 1):
            bases = [(name, rate * province.size) for name, rate in SMALL_OPERATORS.items()]
            found = [moved(seed, f"authority {name}", province, base, year, month) for name, base in bases]
            page.write_row(row, 0, [province.name_vi, *found])
    return buffer.getvalue()


def month_files(seed: int, year: int, month: int, sources: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """The files of a month: path in the inbox and bytes."""
    for source_id in sources:
        if source_id in LAYOUTS:
            content = operator_workbook(
                source_id, year, month, figures_of=lambda *about: operator_figures(seed, *about)
            )
            yield f"{source_id}/{source_id}_{year}-{month:02d}.xlsx", content
        elif source_id == "so_tttt_thang":
            yield f"{source_id}/chi_tieu_{year}-{month:02d}.csv", ministry_sheet(seed, year, month)
        else:
            yield f"{source_id}/brdd_{year}-{month:02d}.xlsx", authority_sheet(seed, year, month)


def make_history(folder: Path, *, months: int, seed: int = 1, sources: Sequence[str] = SOURCES) -> Home:
    """A home in which the files of some months were received on the fifth of the next month, and accepted."""
    home = open_home(folder)
    home.paths.sources.mkdir(exist_ok=True)
    for yaml in (MINISTRY, AUTHORITY):
        name = yaml.split()[1]
        (home.paths.sources / f"{name}.yml").write_text(yaml, encoding="utf-8")
    home = look_at_home(folder)
    for count in range(months):
        year, month = (FIRST_YEAR * 12 + FIRST_MONTH - 1 + count) // 12, (FIRST_MONTH - 1 + count) % 12 + 1
        now = datetime(year + month // 12, month % 12 + 1, 5, 3, tzinfo=UTC)
        for name, content in month_files(seed, year, month, sources):
            path = home.paths.inbox / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            os.utime(path, (now.timestamp() - 3600,) * 2)
        receive(home.paths, home.ledger, home.settings, home.source_ids, now)
        for source_id in sources:
            _accept(home, source_id, now)
    return home


def _accept(home: Home, source_id: str, now: datetime) -> None:
    """Accept the new files of a source unjudged: the drill judges them, and once is enough."""
    source = home.sources[source_id]
    for file in landed_files(home.ledger, source_id):
        if file.last_load is None:
            path = landed_path(home.paths, source_id, file.sha256)
            read = read_file(path, file.file_name, source, home.reference)
            load = _load(source, file, read)
            loads.stage(home.paths, load, read.rows, read.rejected, read.totals)
            loads.accept(
                home.paths, home.ledger, load, verdict="accepted", rejected_rows=[], checks=[], at=now, run_id="history"
            )

"""One new day of dossier logs on a short and on a long history: what a night costs must not grow with it."""

import csv
import gzip
import io
import os
import re
import shutil
from collections import defaultdict
from pathlib import Path

from ingestion.generate import NATIONAL, PROVINCIAL, generate
from tests.bench.dossiers import fresh_home
from tests.bench.measure import Cost, cost, median, print_costs, print_ratios, sotinh

_SEED, _SHORT, _LONG = 7, 3, 36
_GOAL = "≤ 1.15"
_STAMP = re.compile(rb'"ThoiDiemDongBo":"(\d{4})(\d\d)(\d\d)')


def measure(folder: Path, rows_per_month: int, days: int) -> None:
    """Print what nights on the same new days cost after 3 and after 36 months of the same logs."""
    world = folder / "world"
    generate(world, rows_per_month * (_LONG + 1), _LONG + 1, _SEED)
    by_month = [sorted((world / source_id).iterdir()) for source_id in (PROVINCIAL, NATIONAL)]
    new_days = _split_into_days(*(paths[-1] for paths in by_month), folder / "days")
    homes = {}
    for months in (_SHORT, _LONG):
        inbox = folder / f"history-{months}"
        for paths in by_month:
            (inbox / paths[0].parent.name).mkdir(parents=True)
            for path in paths[-months - 1 : -1]:
                shutil.copy2(path, inbox / path.parent.name)
        homes[months] = fresh_home(folder / f"home-{months}", inbox)
        cost(*sotinh(homes[months], "nightly"))
    nights: dict[int, list[Cost]] = {months: [] for months in homes}
    # The quietest days come first by their number of states; a working day has several times as many.
    for day in sorted(new_days, key=_size)[-days:]:
        for months, home in homes.items():
            shutil.copytree(day, home / "inbox", dirs_exist_ok=True)
            nights[months].append(cost(*sotinh(home, "nightly")))
    print_costs([(f"night on one new day after {months} months", costs) for months, costs in nights.items()])
    short, long = median(nights[_SHORT]), median(nights[_LONG])
    ratio = long.wall / short.wall, long.cpu / short.cpu
    print_ratios([(f"one new day after {_LONG} ÷ after {_SHORT} months", *ratio, _GOAL)])


def _size(day: Path) -> int:
    return sum(path.stat().st_size for path in day.rglob("*.gz"))


def _split_into_days(provincial: Path, national: Path, folder: Path) -> list[Path]:
    """One inbox a day of the states of a month: `folder/<day>/<source_id>/<file>`."""
    with gzip.open(provincial, "rt", encoding="utf-8", newline="") as file:
        header, *records = csv.reader(file)
    stamp = header.index("ThoiDiemCapNhat")
    rows: dict[str, list[list[str]]] = defaultdict(list)
    for record in records:
        day, month, year = record[stamp][:10].split("/")
        rows[f"{year}-{month}-{day}"].append(record)
    lines: dict[str, list[bytes]] = defaultdict(list)
    for line in gzip.decompress(national.read_bytes()).splitlines(keepends=True):
        found = _STAMP.search(line)
        assert found is not None
        lines["-".join(part.decode() for part in found.groups())].append(line)
    for day, found_rows in rows.items():
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([header, *found_rows])
        _write(folder / day / PROVINCIAL / f"mo_phong_dvc_tinh_{day}.csv.gz", text.getvalue().encode(), provincial)
    for day, found_lines in lines.items():
        _write(folder / day / NATIONAL / f"mo_phong_dvc_quoc_gia_{day}.ndjson.gz", b"".join(found_lines), national)
    return sorted(folder.iterdir())


def _write(path: Path, data: bytes, like: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, 3, mtime=0))
    written_at = like.stat().st_mtime  # long ago, so that the file does not wait in the inbox
    os.utime(path, (written_at, written_at))

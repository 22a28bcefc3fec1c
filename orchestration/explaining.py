"""Explains a number of a home: the star of the release, and what only the home knows of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ingestion.asked import AskedArea, area_asked, indicator_asked, period_asked
from ingestion.read_again import multiplier_between
from orchestration.home import Home
from warehouse.as_of import release_as_of
from warehouse.errors import StoreError, clear_errors
from warehouse.explain.dossiers import is_stock
from warehouse.explain.explanation import DIFFERENT, Key, explain
from warehouse.explain.figure import DOSSIERS
from warehouse.explain.star import Star, read_star, tells_its_rules
from warehouse.explain.tree import Node, walk
from warehouse.explain.words import in_both, plain_text
from warehouse.release_files import DATABASE
from warehouse.releases import Release, list_releases
from warehouse.sql import Row, file_list, rows

_LINES_SHOWN = 3


@dataclass(frozen=True)
class Asked:
    """What was asked for, in the person's words and as a key."""

    texts: tuple[str, str, str]
    key: Key
    area: AskedArea


def read_question(home: Home, province: str, indicator: str, period: str) -> Asked:
    """Turn three texts into the key they mean.

    Raises:
        ingestion.asked.Unclear: one of them means nothing known, or several things.
    """
    period_id = period_asked(period).period_id
    area = area_asked(home.reference, province, period_id)
    key = Key(area.province_id, indicator_asked(home.reference, indicator), period_id)
    return Asked((province, indicator, period), key, area)


@contextmanager
def open_star(home: Home, moment: datetime | None = None) -> Iterator[tuple[Star, Release]]:
    """Open the current release, or the one users read at a moment: as kept, else built again.

    Raises:
        StoreError: there is no release, it cannot be given as it was, or it does not tell yet what explains it.
    """
    import duckdb

    with _folder_of(home, moment) as (folder, release), clear_errors("đọc bản phát hành", "reading the release"):
        limits: dict[str, Any] = {"threads": home.settings.threads} if home.settings.threads else {}
        with duckdb.connect(folder / DATABASE, read_only=True, config=limits) as connection:
            if not tells_its_rules(connection):
                raise StoreError(
                    f"Bản phát hành {release.release_id} ra trước khi bản phát hành chứa đủ dữ liệu để giải trình; "
                    "hãy chạy sotinh nightly.",
                    f"Release {release.release_id} came out before releases held what explains them; "
                    "run sotinh nightly.",
                )
            yield read_star(connection), release


@contextmanager
def _folder_of(home: Home, moment: datetime | None) -> Iterator[tuple[Path, Release]]:
    if moment is None:
        release = next((one for one in list_releases(home.paths, home.ledger) if one.is_current), None)
        if release is None:
            raise StoreError(
                "Chưa có bản phát hành nào; hãy chạy sotinh nightly.", "There is no release yet; run sotinh nightly."
            )
        yield home.paths.current.resolve(), release
        return
    release = release_as_of(home.paths, home.ledger, moment)
    if release.is_available:
        yield home.paths.releases / release.release_id, release
        return
    from orchestration.as_of import star_as_of  # Dagster behind it

    with TemporaryDirectory(prefix="sotinh-explain-") as folder:
        star_as_of(home, moment, Path(folder) / "star")
        yield Path(folder) / "star", release


def explain_asked(home: Home, star: Star, release: Release, asked: Asked, moment: datetime | None) -> dict[str, Any]:
    """The explanation of a release, with the register of corrections, refused files and lines of logs of the home."""
    told = explain(star, asked.key)
    for each in _nodes(told):
        each["correction"] = _correction(home, each)
        if each["cell"]:
            each["cell"] |= _read_again(home, each)
        if each["derivation"] == DOSSIERS:
            each["lines"] = _lines(home, star, each)
    told["differences"] += [
        {
            "column": f"{cell['sheet'] or ''}!{cell['cell']}",
            "published": each["value"],
            "recomputed": cell["value_text"],
        }
        for each in _nodes(told)
        if (cell := each["cell"]) and cell["is_read_alike"] is False
    ]
    if told["published"] and told["differences"]:
        told["recomputed"], told["recomputed_name"] = DIFFERENT, in_both("recomputed", DIFFERENT)
    for load in told["loads"].values():
        load["is_in_landing"] = (home.paths.landing / load["source_id"] / load["file_sha256"]).is_file()
    if (told["published"] or {"value": None})["value"] is None:
        held = _held_in_quarantine(home, star, asked.key)
        shown = {each["load_id"] for each in held}
        told["absence"] = [*held, *(each for each in told["absence"] if each["load_id"] not in shown)]
    names = ("release_id", "published_at", "content_hash", "ledger_entry", "code_version", "is_current")
    return {
        "asked": {**dict(zip(("province", "indicator", "period"), asked.texts, strict=True)),
                  "as_of": moment, "also_meant": list(asked.area.elsewhere)},
        "release": {**{name: getattr(release, name) for name in names}, "code_version_now": home.code_version},
        **told,
    }  # fmt: skip


def _nodes(told: Mapping[str, Any]) -> Iterator[Node]:
    if told["tree"]:
        yield from walk(told["tree"])
    for ranking in told["rankings"]:
        for each in ranking["figures"]:
            yield from walk(each["node"])


def _read_again(home: Home, node: Node) -> dict[str, Any]:
    """Whether the printed text leads to the figure of the row, and what it was multiplied by for that.

    Not told of what has no figure or was corrected, nor of a source that is not declared any more.
    """
    cell, source = node["cell"], home.sources.get(node["source_id"])
    if node["value"] is None or cell["correction"] or source is None:
        return {"is_read_alike": None, "multiplier": None}
    found = multiplier_between(cell["value_text"], Decimal(node["value"]), node["unit"], source, home.reference)
    return {"is_read_alike": found is not None, "multiplier": plain_text(found)}


def _correction(home: Home, node: Node) -> dict[str, Any] | None:
    """What a registered correction made of a cell: its text before, the value after, why and by whom."""
    note = (node["cell"] or {}).get("correction")
    if not note:
        return None
    correction_id, _, rest = note.partition(" (")
    entry = next((each for each in home.reference.corrections if each.id == correction_id), None)
    told = {name: getattr(entry, name, None) for name in ("who", "since", "status")}
    action, _, reason = rest.partition("): ")
    reason_vi, _, reason_en = reason.partition(" / ")
    return {
        "id": correction_id, "action": action, "reason": {"vi": reason_vi, "en": reason_en or reason_vi},
        "before": node["cell"]["value_text"], "after": node["value"], **told,
    }  # fmt: skip


def _lines(home: Home, star: Star, node: Node) -> list[dict[str, Any]]:
    """Per load of a portal: how many lines tell of dossiers filed in the area by then, and the first of them.

    A line of the lake has no field of a person. A flow counts what has a date in the month, a stock all up to its end.
    """
    source_id, period = node["source_id"], star.periods[node["period_id"]]
    live = [one for one in star.loads.values() if one["source_id"] == source_id and one["superseded_by"] is None]
    files = [path for one in live for path in home.paths.lake.glob(f"transactions/*/{one['load_id']}.parquet")]
    if not files:
        return []
    days = "[event_at, submitted_at, received_at, finished_at, returned_at]"
    is_told, bounds = "event_at::date <= ?", [period.end_date]
    if not is_stock(node["indicator_code"]):
        is_told = f"len(list_filter({days}, lambda day: day::date between ? and ?)) > 0"
        bounds = [period.start_date, period.end_date]
    found = rows(
        star.connection,
        "select parse_filename(filename, true) as load_id, cell, row_no, procedure_code, service_level, channel, "
        f"state, event_at from read_parquet({file_list([str(path) for path in files])}, filename = true, "
        f"hive_partitioning = false) where province_id = ? and {is_told} order by load_id, row_no",
        [node["province_id"], *bounds],
    )
    by_load: dict[str, list[Row]] = {}
    for row in found:
        by_load.setdefault(row["load_id"], []).append(row)
    shown = ("cell", "procedure_code", "service_level", "channel", "state", "event_at")
    return [
        {
            "load_id": load_id,
            "file_name": star.loads[load_id]["file_name"],
            "file_sha256": star.loads[load_id]["file_sha256"],
            "line_count": len(own),
            "first_lines": [{name: row[name] for name in shown} for row in own[:_LINES_SHOWN]],
        }
        for load_id, own in by_load.items()
    ]


def _held_in_quarantine(home: Home, star: Star, key: Key) -> list[dict[str, Any]]:
    """Rows of refused loads that state the very figure."""
    found = []
    for load in star.loads.values():
        staged = home.paths.staged_rows(load["load_id"])
        if load["verdict"] != "quarantined" or not staged.is_file() or load["shape"] == "transactions":
            continue
        for row in rows(
            star.connection,
            f"select sheet, cell, value_text from read_parquet({file_list([str(staged)])}) "
            "where province_id = ? and indicator_code = ? and period_id = ? order by row_no",
            list(key),
        ):
            facts = {
                "file": load["file_name"], "source": load["source_id"], "load": load["load_id"],
                "text": row["value_text"], "cell": f"{row['sheet']}!{row['cell']}",
                "reason_vi": load["reason_vi"], "reason_en": load["reason_en"],
            }  # fmt: skip
            reason = in_both("absence", "held_in_quarantine", **facts)
            found.append({"reason_code": "held_in_quarantine", "load_id": load["load_id"], "reason": reason})
    return found

"""Which pages a site has, and their writing: each page twice, in Vietnamese at its path and in English below `en/`."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import yaml

from warehouse.site.drawings import drawings
from warehouse.site.language import LANGUAGES, Language, shown
from warehouse.site.report import (
    COUNTS_SHOWN,
    PAGES_OF_LOADS,
    PAGES_OF_RELEASES,
    REJECTED_BY_REASON,
    RESULTS_SHOWN,
    Report,
    read_report,
)
from warehouse.sql import Row

_HERE = Path(__file__).parent
_STYLES = Path("assets", "site.css")
ROWS_OF_A_LIST = 500
LISTED_LOADS = 5000
LOADS_OF_A_SOURCE = 100
PERIODS_OF_A_SOURCE = 36
PROVINCES_OF_A_SOURCE = 25
_OF_THE_LANGUAGE = ("t", "term", "of", "n", "share", "when", "date", "moment")
# limits that the pages name where something was left to the lists and tables
_LIMITS = {
    "PAGES_OF_LOADS": PAGES_OF_LOADS,
    "LISTED_LOADS": LISTED_LOADS,
    "REJECTED_BY_REASON": REJECTED_BY_REASON,
    "RESULTS_SHOWN": RESULTS_SHOWN,
    "COUNTS_SHOWN": COUNTS_SHOWN,
    "LOADS_OF_A_SOURCE": LOADS_OF_A_SOURCE,
    "PERIODS_OF_A_SOURCE": PERIODS_OF_A_SOURCE,
    "PROVINCES_OF_A_SOURCE": PROVINCES_OF_A_SOURCE,
}


@dataclass(frozen=True)
class Page:
    """One page before it is put into words.

    Attributes:
        path: below the folder of its language.
        template: its file in `templates/`.
        values: what the template asks for besides the report.
    """

    path: str
    template: str
    values: Mapping[str, Any]


def write_site(
    folder: Path, target: Path, facts: Mapping[str, Any], drills: Sequence[Row], limits: Mapping[str, Any]
) -> int:
    """Writes the pages of a release; the same release gives the same bytes.

    Args:
        folder: the release's folder, with its database.
        target: the folder to make.
        facts: the release's facts as its manifest has them.
        drills: results of drills as `read_drills` gives them.
        limits: DuckDB's configuration.

    Returns:
        The number of pages.
    """
    report = read_report(folder, facts, drills, limits)
    pages = list(_pages(report))
    target.mkdir(mode=0o755)
    for place in {Path(code if code != LANGUAGES[0] else "", page.path).parent for page in pages for code in LANGUAGES}:
        (target / place).mkdir(mode=0o755, parents=True, exist_ok=True)
    (target / _STYLES).parent.mkdir(mode=0o755)
    shutil.copyfile(_HERE / _STYLES.name, target / _STYLES)
    for code in LANGUAGES:
        _write_language(report, pages, Language(code), target)
    return len(pages) * len(LANGUAGES)


def is_site(folder: Path) -> bool:
    """Whether a folder holds pages that `write_site` wrote."""
    return (folder / _STYLES).is_file() and (folder / "index.html").is_file()


def _pages(report: Report) -> Iterator[Page]:
    yield Page("index.html", "index.html", {})
    yield Page("rules.html", "rules.html", {})
    yield Page("tables.html", "tables.html", {"rules": [row for row in report.rules if row["shape"] == "model"]})
    yield Page("sources/index.html", "sources.html", {})
    if report.drills:
        yield Page("drills.html", "drills.html", {})
    yield from _list_of("releases", report.releases)
    yield from _list_of("loads", report.loads[:LISTED_LOADS])
    for release in report.releases[:PAGES_OF_RELEASES]:
        loads = report.loads_of("first_release_id", release["release_id"])
        values = {"release": release, "loads": loads, "changes": _row_changes(report, release)}
        yield Page(f"releases/{release['release_id']}.html", "release.html", values)
    for load in report.loads:
        if load["has_page"]:
            yield Page(f"loads/{load['load_id']}.html", "load.html", {"load": load})
    for source in report.sources:
        loads = report.loads_of("source_id", source["source_id"])
        yield Page(f"sources/{source['source_id']}.html", "source.html", {"source": source, "loads": loads})


def _list_of(name: str, rows: Sequence[Row]) -> Iterator[Page]:
    """The pages of a list: `<name>/index.html`, then `<name>/page-2.html` and so on."""
    parts = [rows[start : start + ROWS_OF_A_LIST] for start in range(0, len(rows), ROWS_OF_A_LIST)] or [[]]
    names = ["index.html", *(f"page-{number}.html" for number in range(2, len(parts) + 1))]
    for number, part in enumerate(parts, 1):
        values = {"rows": part, "number": number, "names": names}
        yield Page(f"{name}/{names[number - 1]}", f"{name}.html", values)


def _row_changes(report: Report, release: Row) -> list[Row]:
    """Rows of each published table in a release and in the one before it; None where there is no such table."""
    before = next((row for row in report.releases if row["release_id"] == release["previous_release_id"]), None)
    now = json.loads(release["row_counts"])
    then = json.loads(before["row_counts"]) if before else {}
    return [{"table": name, "rows": now.get(name), "before": then.get(name)} for name in sorted({*now, *then})]


def _write_language(report: Report, pages: Sequence[Page], language: Language, target: Path) -> None:
    is_first = language.code == LANGUAGES[0]
    told = {name: getattr(language, name) for name in _OF_THE_LANGUAGE}
    told |= {"report": report, "language": language, **drawings(report, language)}
    for page in pages:
        up = "../" * page.path.count("/")
        links = {
            "up": up,
            "root": up if is_first else f"{up}../",
            "other_path": f"{up}en/{page.path}" if is_first else f"{up}../{page.path}",
            "path": page.path,
        }
        text = _environment().get_template(page.template).render(**told, **page.values, **links)
        (target / ("" if is_first else language.code) / page.path).write_text(text, encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    """The templates; texts are escaped, and a name that nobody gave is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["shown"] = shown
    legal_basis = yaml.safe_load((_HERE / "legal_basis.yml").read_text(encoding="utf-8"))
    environment.globals |= {"legal_basis": legal_basis, **_LIMITS}
    return environment

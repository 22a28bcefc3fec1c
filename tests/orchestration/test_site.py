"""The auditors' pages of a night with faults, as a browser shows them from a file path, without script or network."""

import base64
import filecmp
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag

import duckdb
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from orchestration import site
from orchestration.home import look_at_home
from orchestration.nightly import _judge
from orchestration.run import Ran
from tests.browser import requested, running_browser
from tests.conftest import run_sotinh
from tests.orchestration.test_nights import copy_of
from tests.required import missing
from warehouse.site.pages import PERIODS_OF_A_SOURCE

# one process for all: they share the browser
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("site")]

COUNTS = ("file_bytes", "rows_read", "rows_accepted", "rows_superseded", "rows_rejected")
DUTIES = ("owed_count", "due_count", "delivered_count", "in_time_count", "late_count", "missing_count",
          "not_applicable_count", "confidential_count")  # fmt: skip
WIDTHS = (360, 1440)


@pytest.fixture(scope="module")
def pages(faulty_night) -> Path:
    """The pages that the night put into its release."""
    return (faulty_night[0] / "current" / "site").resolve()


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    with running_browser() as chrome:
        yield chrome


def query(home: Path, sql: str) -> list[tuple]:
    with duckdb.connect(home / "current" / "sotinh.duckdb", read_only=True) as connection:
        return connection.sql(sql).fetchall()


def html_files(pages: Path) -> list[Path]:
    return sorted(pages.rglob("*.html"))


def test_a_release_has_its_pages_in_both_languages_and_its_manifest_names_them(faulty_night, pages):
    home, _ = faulty_night
    names = {str(path.relative_to(pages)) for path in html_files(pages)}
    vietnamese = {name for name in names if not name.startswith("en/")}
    assert names - vietnamese == {f"en/{name}" for name in vietnamese}
    release_id = (home / "current").resolve().name
    loads = {f"loads/{load_id}.html" for (load_id,) in query(home, "select load_id from audit_loads")}
    sources = {f"sources/{source_id}.html" for (source_id,) in query(home, "select source_id from dim_sources")}
    lists = {"releases/index.html", "loads/index.html", "sources/index.html"}
    assert vietnamese == {
        "index.html",
        "rules.html",
        "tables.html",
        *lists,
        *loads,
        *sources,
        f"releases/{release_id}.html",
    }
    manifest = json.loads((home / "current" / "manifest.json").read_text(encoding="utf-8"))
    assert {f"site/{name}" for name in names} <= manifest["files"].keys()


def test_every_link_leads_to_a_page_and_a_place_that_are_there(pages):
    places = {path: set(re.findall(r'\bid="([^"]+)"', path.read_text(encoding="utf-8"))) for path in html_files(pages)}
    broken = []
    for page in places:
        for link in re.findall(r'\bhref="([^"]*)"', page.read_text(encoding="utf-8")):
            target, place = urldefrag(link)
            if link.startswith(("https://", "http://", "data:")):
                continue
            file = (page.parent / target).resolve() if target else page
            if not file.is_file() or not file.is_relative_to(pages) or (place and place not in places[file]):
                broken.append((page.name, link))
    assert broken == []


def test_each_number_of_a_load_is_that_of_the_table(faulty_night, pages):
    rows = query(faulty_night[0], f"select load_id, {', '.join(COUNTS)} from audit_loads")
    assert len(rows) > 20
    for load_id, *counts in rows:
        for folder, mark in (("", "."), ("en", ",")):
            text = (pages / folder / "loads" / f"{load_id}.html").read_text(encoding="utf-8")
            shown = [re.search(rf'id="{name}">([^<]*)<', text)[1] for name in COUNTS]
            assert shown == [f"{count:,}".replace(",", mark) for count in counts]


def test_what_a_source_owed_is_told_by_month_and_in_all_as_the_release_counts_it(faulty_night, pages):
    home, _ = faulty_night
    sums = ", ".join(f"sum({name})::bigint" for name in DUTIES)
    shares = ("delivered_count", "in_time_count")
    told = ", ".join(f"round(100 * sum({name}) / nullif(sum(due_count), 0), 2)::double" for name in shares)
    counted = f"select source_id, {{}}, {sums}, {told} from rpt_completeness group by all"
    index = (pages / "en" / "index.html").read_text(encoding="utf-8")
    for source_id, _, *figures in query(home, counted.format("null")):
        line = row_of(index, f'<a href="sources/{source_id}.html">{source_id}</a></th>')
        assert line == pytest.approx(figures, abs=0.006)
    months = query(home, counted.format("period_id"))
    missing_in = query(home, f"{counted.format('province_id')} having sum(missing_count) > 0")
    assert len(months) > 100 and missing_in
    for source_id, row_id, *figures in [*months, *missing_in]:
        text = (pages / "en" / "sources" / f"{source_id}.html").read_text(encoding="utf-8")
        if f'<tr id="{row_id}">' in text:
            assert row_of(text, f'<tr id="{row_id}">') == pytest.approx(figures, abs=0.006)
        else:  # more months than fit a page
            assert f"The newest {PERIODS_OF_A_SOURCE} of" in text
    absent = "select source_id, state, count(*) from rpt_obligations where state <> 'delivered' group by all"
    for source_id, state, count in query(home, absent):
        text = (pages / "en" / "sources" / f"{source_id}.html").read_text(encoding="utf-8")
        part = re.split("<h3 |</section>", text[text.index(f'id="{state}">') :])[0]
        assert re.search(f": {count:,}</h3>", part)
        shown = re.findall(r'<td class="number">([\d,]+)</td>\s*(?:</tr>|<td class="words">)', part)
        hidden = re.findall(r"; ([\d,]+) are not shown here", part)
        assert sum(map(number, [*shown, *hidden])) == count


def row_of(text, mark) -> list[float]:
    """The counts and shares in the row of a table that a mark stands in."""
    row = text[text.index(mark, text.index("Reporting obligations")) :].partition("</tr>")[0]
    cells = re.findall(r'<td class="number">(?:<strong>)?([\d,.%–]+)', row)
    return [None if cell == "–" else number(cell) for cell in cells]


def number(printed: str) -> float:
    return float(printed.replace(",", "").removesuffix("%"))


def test_a_load_shows_every_rule_and_every_rejected_row_with_its_place_and_text(faulty_night, pages):
    home, _ = faulty_night
    for load_id, file_name in query(home, "select load_id, file_name from audit_loads where rows_rejected > 0"):
        text = (pages / "loads" / f"{load_id}.html").read_text(encoding="utf-8")
        assert f"<h1><bdi>{file_name}</bdi></h1>" in text
        checks = query(home, f"select check_name from audit_checks where subject_id = '{load_id}'")
        assert {name for (name,) in checks} == set(re.findall(r'<tr id="(\w+)">', text))
        told = f"select row_no, cell, raw_value from audit_rejected_rows where load_id = '{load_id}' order by row_no"
        rows = re.findall(r'<th scope="row" class="number">(\d+)</th>\s*(?:<td[^>]*>(.*?)</td>\s*)', text)
        assert [int(number) for number, _ in rows] == [row_no for row_no, _, _ in query(home, told)]
        for _, cell, raw_value in query(home, told):
            assert f"<bdi>{cell}</bdi>" in text and f"<bdi>{raw_value}</bdi>" in text


def test_every_page_opens_from_its_path_fits_the_window_and_asks_nothing_from_outside(pages, browser):
    wide = []
    for page in html_files(pages):
        for width in WIDTHS:
            size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            if width == WIDTHS[0]:
                browser.get(page.as_uri())
            if browser.execute_script("return document.documentElement.scrollWidth") > width:
                wide.append((page.name, width))
        assert browser.execute_script("return getComputedStyle(document.querySelector('header')).display") == "flex"
        language = browser.execute_script("return document.documentElement.lang")
        assert language == ("en" if page.relative_to(pages).parts[0] == "en" else "vi")
    assert wide == []
    asked = requested(browser)
    assert len(asked) > len(html_files(pages))
    assert [url for url in asked if not url.startswith(("file://", "data:"))] == []
    assert [line["message"] for line in browser.get_log("browser") if line["level"] == "SEVERE"] == []


def test_the_other_language_shows_the_same_page_and_the_way_on_keeps_it(pages, browser, faulty_night):
    ((load_id,),) = query(faulty_night[0], "select load_id from audit_loads where file_name = 'viettel_2022-10.xlsx'")
    browser.get((pages / "loads" / f"{load_id}.html").as_uri())
    assert browser.find_element(By.CSS_SELECTOR, ".badge").text == "Chấp nhận, có cảnh báo"
    browser.find_element(By.LINK_TEXT, "English").click()
    assert browser.current_url.endswith(f"/site/en/loads/{load_id}.html")
    assert browser.find_element(By.CSS_SELECTOR, ".badge").text == "Accepted, with warnings"
    browser.find_element(By.LINK_TEXT, "viettel").click()
    assert browser.find_element(By.TAG_NAME, "h2").text == "Scorecard"
    browser.find_element(By.LINK_TEXT, "Tiếng Việt").click()
    assert browser.current_url.endswith("/site/sources/viettel.html")
    assert browser.find_element(By.TAG_NAME, "h2").text == "Phiếu điểm"


def test_tables_have_captions_and_headers_and_can_be_scrolled_by_keyboard(pages):
    for page in html_files(pages):
        text = page.read_text(encoding="utf-8")
        tables = text.count("<table>")
        assert text.count("<caption>") == tables == text.count('class="scroll" role="region" tabindex="0" aria-label=')
        assert len(re.findall(r"<th[ >]", text)) == len(re.findall(r'<th scope="(?:row|col)"', text))
        assert text.count("<svg") == text.count('role="img" aria-label="')
        assert "<script" not in text


def test_a_page_prints_with_searchable_text_a_head_and_a_number_on_every_sheet(pages, browser, faulty_night, tmp_path):
    if not shutil.which("pdftotext"):
        missing("poppler-utils is not installed")
    ((load_id,),) = query(faulty_night[0], "select load_id from audit_loads where file_name = 'viettel_2022-10.xlsx'")
    browser.get((pages / "loads" / f"{load_id}.html").as_uri())
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    (tmp_path / "load.pdf").write_bytes(base64.b64decode(printed["data"]))
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "load.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    sheets = text.split("\f")[:-1]
    assert len(sheets) > 2
    release_id = (faulty_night[0] / "current").resolve().name
    for number, sheet in enumerate(sheets, 1):
        assert "Báo cáo chất lượng dữ liệu" in sheet and release_id in sheet
        assert re.search(rf"\b{number} ?/ ?{len(sheets)}\b", sheet)
    assert "Giá trị không được nhỏ hơn mức thấp nhất của chỉ tiêu." in text
    assert all(cell in text for cell in ("D43", "H52", "E58", "Tỉnh Không Có", "hơn 1 triệu"))
    # a table that goes on says its columns again
    assert text.count("Căn cứ pháp lý") > 3


def test_the_command_writes_the_same_bytes_again_and_replaces_only_its_own(faulty_night, pages, tmp_path):
    home, _ = faulty_night
    for _ in range(2):
        made = run_sotinh(home, "site", "--only", "quality", "--to", str(tmp_path / "báo cáo"), "--json")
        assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["pages"] == len(html_files(pages))
    assert Path(told["index"]).is_file()
    names = [str(path.relative_to(pages)) for path in pages.rglob("*") if path.is_file()]
    assert filecmp.cmpfiles(pages, tmp_path / "báo cáo", names, shallow=False) == (names, [], [])
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "letter.txt").write_text("mine", encoding="utf-8")
    refused = run_sotinh(home, "site", "--to", str(tmp_path / "else"))
    assert refused.returncode == 1 and "thư mục trống" in refused.stderr
    assert os.listdir(tmp_path / "else") == ["letter.txt"]


def test_a_fault_of_the_pages_leaves_the_release_without_them_and_one_of_the_disk_stops_it(tmp_path, monkeypatch):
    home, facts = look_at_home(tmp_path), {"release_id": "r1"}

    def half_written(_released, target, *_):
        target.mkdir()
        raise LookupError("a column that is not there")

    monkeypatch.setattr(site, "write_site", half_written)
    site.write_pages(home, tmp_path, facts)
    assert os.listdir(tmp_path) == []

    def disk_full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(site, "write_site", disk_full)
    with pytest.raises(OSError, match="No space left"):
        site.write_pages(home, tmp_path, facts)


def test_the_night_says_that_its_release_has_no_pages_and_ends_as_partly_failed(first_night, tmp_path):
    home = copy_of(first_night, tmp_path / "home")
    whole = _judge(look_at_home(home), None, Ran(None, []))
    assert (whole.exit_code, "site/" in whole.message_vi) == (0, False)
    release = (home / "current").resolve()
    os.chmod(release, 0o755)
    os.rename(release / "site", tmp_path / "gone")
    without = _judge(look_at_home(home), None, Ran(None, []))
    assert (without.exit_code, without.outcome) == (3, "published")
    assert "sotinh site" in without.message_vi and "sotinh site" in without.message_en

"""Dagster's pages as a reader sees them: served by `sotinh dev`, opened in a browser that finds no other machine."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser import requested, running_browser
from tests.conftest import PROJECT_DIR, run_sotinh
from tests.orchestration.test_nights import copy_of

# one process for all: they share the pages and the browser, and the last test ends the pages
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pages"), pytest.mark.timeout(600)]

GROUPS = [
    "1_landing", "2_sources", "3_inputs", "4_seeds", "5_staging", "6_intermediate", "7_marts", "8_release",
]  # fmt: skip
PATIENCE = 90


class Pages(NamedTuple):
    """`sotinh dev` at work: its address, its process, its home, and what it has said."""

    url: str
    process: subprocess.Popen[bytes]
    home: Path
    said: Path


@pytest.fixture(scope="module")
def pages(first_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    folder = tmp_path_factory.mktemp("pages")
    home = copy_of(first_night, folder / "home")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "orchestration", "--home", str(home), "dev", "--json", "--port", str(port)]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, cwd=PROJECT_DIR, stdout=said, stderr=subprocess.STDOUT)
    try:
        wait_until_answered(f"http://127.0.0.1:{port}/server_info")
        yield Pages(f"http://127.0.0.1:{port}", process, home, folder / "said")
    finally:
        left = descendants(process.pid)
        process.terminate()
        process.wait(timeout=60)
        assert not [pid for pid in left if is_running(pid)]


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    with running_browser() as chrome:
        yield chrome


@pytest.fixture
def page(pages: Pages, browser: webdriver.Chrome) -> Iterator["Page"]:
    """A page to open; in the end it must have asked this machine alone, and complained of nothing."""
    yield Page(browser, pages.url)
    assert [url for url in requested(browser) if not url.startswith((pages.url, "data:", "blob:" + pages.url))] == []
    assert [line["message"] for line in browser.get_log("browser") if line["level"] == "SEVERE"] == []


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures go: `make screenshots` says where, to put them into the README."""
    return Path(os.environ.get("SOTINH_PICTURES") or tmp_path_factory.mktemp("pictures"))


class Page(NamedTuple):
    """The browser's one window, at the address of the pages."""

    browser: webdriver.Chrome
    url: str

    def open(self, path: str, *expected: str) -> str:
        """The text of a page, once it holds everything that is expected of it."""
        self.browser.get(self.url + path)
        return self.text_with(*expected)

    def text_with(self, *expected: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while missing := [each for each in expected if each not in self.text()]:
            assert time.monotonic() < deadline, (missing, self.text())
            time.sleep(0.2)
        assert not self.browser.find_elements(By.CSS_SELECTOR, "[role=dialog], [role=alertdialog]")
        return self.text()

    def text(self) -> str:
        return self.browser.execute_script("return document.body.innerText")

    def click(self, words: str) -> None:
        self.browser.find_element(By.XPATH, f"//*[text()='{words}']").click()


def test_the_pages_say_their_address_and_answer_on_this_machine_only(pages):
    port = int(pages.url.rpartition(":")[2])
    assert listening_addresses(port) == {"127.0.0.1"}
    wait_until(lambda: pages.said.read_text(encoding="utf-8").endswith("}\n"))
    assert json.loads(pages.said.read_text(encoding="utf-8")) == {"url": pages.url, "home": str(pages.home)}


def test_pages_that_are_served_already_and_a_port_that_is_taken_are_refused(pages, tmp_path):
    port = pages.url.rpartition(":")[2]
    again = run_sotinh(pages.home, "dev", "--port", "3999")
    assert (again.returncode, again.stdout) == (1, "")
    assert (
        again.stderr
        == f"sotinh: Trang của kho {pages.home} đang được phục vụ rồi; hãy mở trang đó hoặc dừng nó trước.\n"
    )
    other = run_sotinh(tmp_path / "home", "dev", "--port", port)
    assert (other.returncode, other.stdout) == (1, "")
    assert f"cổng {port}" in other.stderr and "--port" in other.stderr


def test_nothing_pops_up_and_no_telemetry_is_on(page):
    page.open("/", "Overview")
    set_up = json.loads(page.browser.find_element(By.ID, "initialization-data").get_attribute("textContent"))
    assert set_up["telemetryEnabled"] is False
    asked = "return fetch('/graphql?query={shouldShowNux}').then(answer => answer.json())"
    assert page.browser.execute_script(asked) == {"data": {"shouldShowNux": False}}


def test_the_graph_shows_the_groups_in_the_order_of_the_flow(page, pictures):
    page.browser.set_window_size(1500, 520)
    page.open("/asset-groups", *GROUPS)
    listed = re.findall(r"^\d_\w+$", page.text(), flags=re.MULTILINE)
    assert list(dict.fromkeys(listed)) == GROUPS
    page.click("Hide navigation")
    page.browser.find_element(By.CSS_SELECTOR, "button:has([aria-label=panel_show_right])").click()
    page.browser.set_window_size(1090, 500)  # the graph stays as it is: this cuts the empty part off
    page.text_with("Reload definitions")
    page.browser.save_screenshot(str(pictures / "asset_graph.png"))


def test_a_table_says_what_a_row_is_who_answers_for_it_and_what_its_columns_hold(page, pictures):
    page.browser.set_window_size(1500, 1000)
    text = page.open("/assets/main/fct_indicator_values", "Columns", "province_id", "fct_indicator_values.sql")
    assert "One row per area, indicator and period" in text
    assert re.search(r"Owners\s+data", text)
    assert re.search(r"Row count\s+[1-9],\d{3}", text)
    assert re.search(r"value\s+DECIMAL\(28,10\)\s+The number in the unit given", text)
    page.browser.save_screenshot(str(pictures / "table.png"))


def test_a_check_of_a_table_says_what_it_holds_to(page):
    check = "primary_key_fct_indicator_values_province_id__indicator_code__period_id"
    text = page.open(f"/assets/main/fct_indicator_values?view=checks&checkDetail={check}", "Latest execution")
    assert "The columns are never null, and no two rows share them." in text
    assert "assert_partial_sums_are_not_totals" in text


def test_a_source_plots_its_rows_and_lists_its_checks(page, pictures):
    text = page.open("/assets/subscribers/viettel", "viettel_2022-09.xlsx", "Plots", "viettel.yml")
    assert "Báo cáo số liệu phát triển thuê bao Viettel (số liệu mô phỏng) — Viettel" in text
    assert re.search(r"Row count\s+2,079", text)
    assert "frequency: month" in text
    page.click("Plots")
    page.text_with("dagster/row_count", "loads_new", "rows_rejected", "seconds")
    wait_until(lambda: page.browser.find_elements(By.TAG_NAME, "canvas"))
    page.browser.save_screenshot(str(pictures / "source.png"))
    late = page.open("/assets/subscribers/viettel?view=checks&checkDetail=in_time", "Latest execution", "worst_verdict")
    assert "Every period that is due by now has come." in late


def test_the_schedule_and_the_sensor_can_be_switched_on_and_off(page):
    for is_on in (True, False):
        page.open("/automation", "inbox", "nightly", "Scheduled At 01:30 AM GMT+7")
        # the schedules of night and drill, the sensors of the folder and of servers
        wait_until(lambda: len(switches(page.browser)) == 4)
        for switch in switches(page.browser):
            assert switch.is_selected() is not is_on
            page.browser.execute_script("arguments[0].click()", switch)
        wait_until(lambda expected=is_on: {each.is_selected() for each in switches(page.browser)} == {expected})


def test_the_end_signal_leaves_no_process_behind(pages):
    started = descendants(pages.process.pid)
    assert len(started) >= 4  # Dagster, its web server, its daemon and its code server
    pages.process.send_signal(signal.SIGTERM)
    assert pages.process.wait(timeout=60) == 0
    assert [pid for pid in started if is_running(pid)] == []


def switches(browser: webdriver.Chrome) -> list:
    """The switches of the automations: in each row the second box, the first one selects the row."""
    boxes = browser.find_elements(By.CSS_SELECTOR, "input[type=checkbox]")
    return boxes[2::2]


def wait_until(holds) -> None:
    WebDriverWait(None, PATIENCE, poll_frequency=0.2).until(lambda _: holds())


def descendants(pid: int) -> list[int]:
    """Children of a process, their children, and so on, that are running."""
    stats = {int(each.name): stat_of(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()}
    found, new = [], [pid]
    while new:
        new = [child for child, stat in stats.items() if stat and stat[0] != "Z" and int(stat[1]) in new]
        found += new
    return found


def is_running(pid: int) -> bool:
    """A process that has ended but waits for its parent to notice counts as ended."""
    stat = stat_of(str(pid))
    return bool(stat) and stat[0] != "Z"


def stat_of(pid: str) -> list[str]:
    """State, parent and more of a process, as the kernel lists them after its name; nothing when it is gone."""
    try:
        return Path("/proc", pid, "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def listening_addresses(port: int) -> set[str]:
    """IPv4 and IPv6 addresses of this machine that accept connections on a port, as the kernel lists them."""
    found = set()
    for table, family in (("/proc/net/tcp", socket.AF_INET), ("/proc/net/tcp6", socket.AF_INET6)):
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
            address, state = line.split()[1], line.split()[3]
            number, listened_port = address.split(":")
            if state == "0A" and int(listened_port, 16) == port:
                words = [bytes.fromhex(number[at : at + 8])[::-1] for at in range(0, len(number), 8)]
                found.add(socket.inet_ntop(family, b"".join(words)))
    return found


def wait_until_answered(url: str) -> None:
    deadline = time.monotonic() + 240
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                assert b"dagster_webserver_version" in response.read()
                return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.5)

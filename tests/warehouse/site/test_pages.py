"""What the pages show beyond a plain release: hostile names, decisions, causes of change, drills, many loads."""

import json
import os
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from warehouse.site import pages, report
from warehouse.site.drills import read_drills
from warehouse.site.pages import write_site

DECISIONS = """
    create or replace table audit_decisions as
    select * from (values
        (1, timestamp '2026-11-22 03:00', 'discard', 'load', '{failed}', 'Lê Thị Hoa', 'gửi nhầm <b>tệp</b>', null),
        (2, timestamp '2026-11-22 04:00', 'waive', 'waiver', 'viettel/every_province_is_present', 'Trần An',
            'nhà mạng chưa phủ', date '2026-12-31')
    ) as decisions (
        decision_no, decided_at, decision, subject_type, subject_id, decided_by, reason, valid_until
    )
"""
# mobile and fixed subscriptions of two provinces that the report of July left out; August late, one figure more so
ABSENT = """
    insert into rpt_obligations by name
    select 'vnpt' as source_id, indicator_code, province_id, 'operator:vnpt' as breakdown,
        period_id, due_on, date '2022-10-25' as judged_on, state, days_late, reason
    from (values
        ('tel_mobile_sub', 'P63-01', '2022-07', date '2022-08-15', 'missing', 40, null),
        ('tel_mobile_sub', 'P63-26', '2022-07', date '2022-08-15', 'missing', 40, null),
        ('tel_fixed_sub', 'P63-01', '2022-07', date '2022-08-15', 'missing', 40, null),
        ('tel_fixed_sub', 'P63-26', '2022-07', date '2022-08-15', 'missing', 40, null),
        ('tel_mobile_sub', 'P63-01', '2022-08', date '2022-09-15', 'late', 20, null),
        ('tel_mobile_sub', 'P63-26', '2022-08', date '2022-09-15', 'late', 20, null),
        ('tel_mobile_sub', 'P63-01', '2022-09', date '2022-10-15', 'late', 10, null),
        ('tel_fixed_sub', 'P63-17', '2022-09', date '2022-10-15', 'not_applicable', null, 'chưa có mạng cố định')
    ) as absent (indicator_code, province_id, period_id, due_on, state, days_late, reason)
"""
DIFF = {
    "compared_with": "20261121T000000Z-00000000",
    "causes": {"source_revision": 3, "unexplained": 1},
    "values": {"fct_indicator_values": {"source_revision": {"altered": 3}, "unexplained": {"removed": 1}}},
    "examples": {"source_revision": [
        {"key": "P63-26 dti_score 2022", "value_before": "0.55", "value_after": "0.56", "cause": "source_revision"}
    ]},
    "held_for": [{"reason_code": "unexplained", "reason_vi": "1 giá trị không rõ", "reason_en": "1 value unclear"}],
}  # fmt: skip
DRILL = {
    "run_id": "r1", "drilled_at": "2026-11-22T02:00:00.000000Z", "code_version": "abc", "seed": 7,
    "kinds": [
        {"kind": "moved_decimal", "name_vi": "Lệch dấu thập phân", "name_en": "Moved decimal", "injected": 20,
         "detected": 15, "read_rightly": 1, "missed": 4, "caught_by": {"cells_keep_their_magnitude": 15},
         "not_tried_vi": None, "not_tried_en": None},
    ],
    "clean": {"loads": 30, "loads_alarmed": 1, "checks": 900, "alarms": 3,
              "by_check": {"cells_keep_their_magnitude": {"judged": 30, "alarms": 3}}},
}  # fmt: skip


@pytest.fixture
def release(faulty_night, tmp_path) -> Path:
    """A copy of the release of the night with faults that can be changed, without its pages."""
    folder = tmp_path / "release"
    folder.mkdir()
    for name in ("sotinh.duckdb", "manifest.json"):
        shutil.copyfile(faulty_night[0] / "current" / name, folder / name)
    return folder


def change(release: Path, sql: str) -> None:
    with duckdb.connect(release / "sotinh.duckdb") as connection:
        connection.execute(sql)


def made(release: Path, drills=()) -> Path:
    target = release.parent / "site"
    facts = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    write_site(release, target, facts, drills, {})
    return target


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def id_of(release: Path, file_name: str) -> str:
    with duckdb.connect(release / "sotinh.duckdb", read_only=True) as connection:
        found = connection.execute(f"select load_id from audit_loads where file_name = '{file_name}'").fetchall()
    return found[0][0]


def test_a_hostile_name_or_text_is_shown_and_never_becomes_a_part_of_the_page(release):
    load_id = id_of(release, "viettel_2022-10.xlsx")
    hostile = '"><script>alert(1)</script><img src=//x onerror=alert(1)>=\u202e.xlsx'
    change(release, f"update audit_loads set file_name = '{hostile}' where load_id = '{load_id}'")
    change(release, f"update audit_rejected_rows set raw_value = '=cmd|''/C x''!A0{hostile}'")
    change(
        release, f"update dim_sources set url = 'javascript:alert(1)', title = '{hostile}' where source_id = 'viettel'"
    )
    texts = [text_of(page) for page in made(release).rglob("*.html")]
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=//x onerror=alert(1)&gt;=⟨U+202E⟩"
    assert sum(escaped in text for text in texts) > 5
    assert [text for text in texts if re.search(r"<script|<img|\u202e|href=.javascript", text)] == []
    assert "<bdi>“=cmd|&#39;/C x&#39;!A0" in text_of(release.parent / "site" / "loads" / f"{load_id}.html")


def test_decisions_stand_with_what_they_are_about_and_who_took_them(release):
    failed = id_of(release, "mobifone_2022-10.xlsx")
    plain = made(release)
    assert "Chưa có quyết định nào" not in text_of(plain / "loads" / f"{failed}.html")
    shutil.rmtree(plain)
    change(release, DECISIONS.format(failed=failed))
    change(release, "alter table audit_loads add column if not exists decision varchar")
    change(release, f"update audit_loads set decision = 'discard' where load_id = '{failed}'")
    change(release, "alter table audit_checks add column if not exists waiver varchar")
    change(release, "update audit_checks set waiver = '2' where check_name = 'every_province_is_present'")
    sheets = "select load_id, 'Thuê bao' as sheet, rows_read, rows_accepted, rows_rejected, rows_superseded"
    from_loads = "from audit_loads where source_id = 'viettel'"
    change(release, f"create or replace table audit_load_sheets as {sheets} {from_loads}")
    site = made(release)
    discarded = text_of(site / "loads" / f"{failed}.html")
    assert "Loại bỏ" in discarded and "Lê Thị Hoa" in discarded and "gửi nhầm &lt;b&gt;tệp&lt;/b&gt;" in discarded
    waived = text_of(site / "loads" / f"{id_of(release, 'viettel_2022-10.xlsx')}.html")
    assert "Trần An" in waived and "31/12/2026" in waived and "Không đạt, được miễn" in waived
    assert '<th scope="row"><bdi>Thuê bao</bdi></th>' in waived
    assert "Trần An" in text_of(site / "sources" / "viettel.html")
    assert "Chưa có quyết định nào" in text_of(site / "loads" / f"{id_of(release, 'viettel_2022-09.xlsx')}.html")
    still_open = re.findall(r'class="badge failed"', text_of(site / "index.html").partition("<svg")[0])
    assert len(still_open) == 1 + 2  # its name in the tiles, and two of three loads


def test_a_release_tells_what_it_changed_by_cause_where_it_was_compared(release):
    facts = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    own = Path("releases", f"{facts['release_id']}.html")
    plain = made(release)
    assert "Thay đổi so với bản trước" not in text_of(plain / own)
    shutil.rmtree(plain)
    (release / "diff.json").write_text(json.dumps(DIFF), encoding="utf-8")
    site = made(release)
    vietnamese, english = text_of(site / own), text_of(site / "en" / own)
    assert "Nguồn sửa số liệu" in vietnamese and "Không rõ nguyên nhân" in vietnamese
    assert "Phải chờ phê duyệt vì: <bdi>1 giá trị không rõ</bdi>" in vietnamese
    assert "Revised by the source" in english and "P63-26 dti_score 2022" in english


def test_tests_of_tables_are_told_with_their_trend_and_flips_failures_first(release):
    """Three builds before this one found 0, 2 and 0 rows that break a key, and two of its vocabularies broken."""
    check = "subject_id = 'dim_provinces' and check_name = 'primary_key(province_id)'"
    for day, failures in enumerate((0, 2, 0), 1):
        told = f"'run-{day}' as run_id, {failures} as unexpected_count, {failures} = 0 as success"
        moment = f"timestamp '2020-01-0{day}' as checked_at"
        change(release, f"insert into audit_checks select * replace ({told}, {moment}) from audit_checks where {check} "
                        "and run_id not like 'run-%'")  # fmt: skip
    site = made(release)
    vietnamese = text_of(site / "tables.html")
    missed, met = vietnamese.split("<h2>Bài kiểm tra bảng luôn đạt</h2>")
    assert "dim_provinces" in missed and missed.count("<tr>") < 6 < met.count("<tr>")
    (row,) = [row for row in missed.split("<tr>") if "dim_provinces" in row]
    assert "0 · 2 · 0 · 0" in row and "66,67%" in row  # two of three times it came out otherwise than before
    history = [("passed", "●"), ("failed", "✖"), ("passed", "●"), ("passed", "●")]
    assert "".join(f'<span class="{word}">{mark}</span>' for word, mark in history) in row
    assert "<code>dim_provinces</code>" in met  # its other tests
    own = json.loads((release / "manifest.json").read_text(encoding="utf-8"))["release_id"]
    english = text_of(site / "en" / "releases" / f"{own}.html")
    assert "Every value that differs from the release before has a cause." in english
    tests = re.search(r"(\d+) of (\d+) tests of built tables were met", english)
    assert tests and 0 < int(tests[2]) - int(tests[1]) < 5
    shown = english.partition("tests of built tables were met")[2]
    assert "Two ways to one value differ by no more than printing explains." in shown
    assert len(vietnamese.encode()) < 100_000


def test_an_approved_release_says_what_held_it_and_a_release_of_older_code_that_nothing_was_kept(release):
    own = Path("releases", f"{json.loads(text_of(release / 'manifest.json'))['release_id']}.html")
    held = "success = false, observed = '1 giá trị / 1 value', waiver = 'Chị Hoa: <đã hỏi>'"
    change(release, f"update audit_checks set {held} where check_name = 'every_change_is_explained'")
    site = made(release)
    text = text_of(site / own)
    assert "Không đạt, được miễn" in text and "phê duyệt: Chị Hoa: &lt;đã hỏi&gt;" in text
    shutil.rmtree(site)
    change(release, "delete from audit_checks where subject_type <> 'load'")
    assert "Chưa có kết quả nào được lưu." in text_of(made(release) / own)


def test_a_drill_is_told_with_its_rates_and_without_one_there_is_no_such_page(release, tmp_path):
    plain = made(release)
    assert not (plain / "drills.html").exists() and "drills.html" not in text_of(plain / "index.html")
    shutil.rmtree(plain)
    os.mkdir(tmp_path / "drills")
    (tmp_path / "drills" / "r1.json").write_text(json.dumps(DRILL), encoding="utf-8")
    site = made(release, read_drills(tmp_path / "drills"))
    text = text_of(site / "drills.html")
    assert "<dd>80%</dd>" in text and "<dd>0,33%</dd>" in text and "<dd>1 / 30</dd>" in text
    assert "Lệch dấu thập phân" in text and "cells_keep_their_magnitude</code> 15" in text
    assert 'class="series serie-2 part-missed"' in text and "<title>Lệch dấu thập phân: 4</title>" in text
    assert 'href="drills.html" aria-current="page"' in text


def test_what_is_absent_stands_with_its_kind_provinces_figures_and_days_and_says_how_much_is_not_shown(
    release, monkeypatch
):
    monkeypatch.setitem(report._LIMITS, "absences_shown", 1)
    change(release, "delete from rpt_obligations where source_id = 'vnpt' and state <> 'delivered'")
    change(release, ABSENT)
    site = made(release)
    vietnamese, english = (text_of(site / folder / "sources" / "vnpt.html") for folder in ("", "en"))
    missing = vietnamese[vietnamese.index('id="missing"') : vietnamese.index('id="not_applicable"')]
    assert "Báo cáo đã đến nhưng thiếu: 4</h3>" in missing
    # the two figures that lack in the same two provinces share the one row shown, the oldest
    assert re.findall(r"<td[^>]*>(.*?)</td>", missing) == [
        "15/08/2022", "40", "Hà Nội, Vĩnh Phúc",
        'Số thuê bao điện thoại cố định <code class="name">operator:vnpt</code>; '
        'Số thuê bao điện thoại di động <code class="name">operator:vnpt</code>',
        "4",
    ]  # fmt: skip
    late = english[english.index('id="late"') : english.index('id="missing"')]
    assert "Late: nothing came for the period: 3</h3>" in late and ">Ha Noi, Vinh Phuc</td>" in late
    assert "2 of 3 figures are shown, the latest first; 1 are not shown here" in late
    assert "chưa có mạng cố định" in vietnamese[vietnamese.index('id="not_applicable"') :]
    assert 'id="confidential"' not in vietnamese


def test_a_release_without_a_calendar_of_obligations_has_its_pages_all_the_same(release):
    change(release, "drop table rpt_completeness")
    change(release, "drop table rpt_obligations")
    assert "Nghĩa vụ báo cáo" not in text_of(made(release) / "sources" / "vnpt.html")


def test_of_many_loads_the_open_ones_have_pages_first_and_the_others_are_listed_page_by_page(release, monkeypatch):
    monkeypatch.setitem(report._LIMITS, "pages_of_loads", 4)
    monkeypatch.setattr(pages, "ROWS_OF_A_LIST", 10)
    site = made(release)
    with duckdb.connect(release / "sotinh.duckdb", read_only=True) as connection:
        failed = {
            row[0] for row in connection.execute("select load_id from audit_loads where verdict = 'failed'").fetchall()
        }
        everything = {row[0] for row in connection.execute("select file_name from audit_loads").fetchall()}
    lists = ["index.html", "page-2.html", "page-3.html"]
    paged = {page.stem for page in (site / "loads").glob("*.html")} - {Path(name).stem for name in lists}
    assert len(paged) == 4 and failed < paged
    listed = "".join(text_of(site / "loads" / name) for name in lists)
    assert all(f"<bdi>{name}</bdi>" in listed for name in everything)
    assert 'href="page-3.html"' in text_of(site / "loads" / "index.html")
    assert set(re.findall(r'href="../loads/(\w+)\.html"', listed)) - {"index"} == paged

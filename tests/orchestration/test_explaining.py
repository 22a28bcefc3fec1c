"""`sotinh explain` on published homes: as text, as JSON, as one page, as read on a day, and where there is no value."""

import json
import re
import shutil
import subprocess
import sys
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jsonschema
import pytest
from click.testing import CliRunner

from ingestion.corrections import Correction
from orchestration.cli import main
from orchestration.explaining import _correction
from orchestration.explanation_page import page_of
from tests.conftest import PROJECT_DIR
from warehouse.explain.tree import walk

pytestmark = pytest.mark.slow

SCHEMA = json.loads((PROJECT_DIR / "warehouse" / "explain" / "explanation_schema.json").read_text(encoding="utf-8"))


def explained(home: Path, *question: str) -> Any:
    return CliRunner().invoke(main, ["--home", str(home), "explain", *question])


def document(home: Path, *question: str) -> dict[str, Any]:
    outcome = explained(home, *question, "--json")
    assert outcome.exit_code == 0, outcome.output
    told: dict[str, Any] = json.loads(outcome.output)
    jsonschema.validate(told, SCHEMA)
    return told


@pytest.mark.parametrize(
    ("question", "method"),
    [
        (("P63-26", "tel_bts_station", "2022-09"), "reported"),
        (("Phú Thọ", "tel_mobile_sub", "T9/2022"), "breakdown_sum"),
        (("Phú Thọ", "tel_mobile_sub", "Quý III/2022"), "rollup"),
        (("P34-25", "tel_mobile_sub", "2022-09"), "boundary_sum"),
        (("phu tho", "Số thuê bao di động trên 100 dân", "2022-09"), "not_derivable"),
        (("P34-38", "dvc_late_pct", "2022-08"), "boundary_ratio"),
    ],
)
def test_a_number_is_recomputed_and_leads_to_its_cells_and_files(first_night, question, method):
    told = document(first_night, *question)
    assert (told["published"]["method"], told["recomputed"]) == (method, "equal")
    assert told["tree"]["value"] == (None if method == "not_derivable" else told["tree"]["value"])
    for leaf in (each for each in walk(told["tree"]) if not each["parts"]):
        if leaf["derivation"] == "dossiers":
            assert sum(each["line_count"] for each in leaf["lines"]) > 0
        else:
            load = told["loads"][leaf["load_id"]]
            assert leaf["cell"]["file_sha256"] == load["file_sha256"]
            assert load["is_in_landing"]
            assert told["sources"][leaf["source_id"]]["publisher"]
            assert leaf["cell"]["value_text"]


def test_a_figure_printed_in_thousands_says_by_what_its_cell_is_multiplied(first_night):
    told = document(first_night, "P63-04", "tel_mobile_sub", "2022-07")
    ((text, cell),) = [
        (part["node"]["value"], part["node"]["cell"])
        for part in told["tree"]["parts"]
        if part["node"]["source_id"] == "mobifone"
    ]
    assert (cell["value_text"], cell["multiplier"], text) == ("123,794", "1000", "123794")
    assert "“123,794” × 1.000" in explained(first_night, "P63-04", "tel_mobile_sub", "2022-07").output


def test_a_figure_that_its_printed_text_does_not_make_is_told_though_the_sums_agree(first_night, tmp_path):
    home = shutil.copytree(first_night, tmp_path / "home", symlinks=True)
    release = (home / "current" / "sotinh.duckdb").resolve()
    release.parent.chmod(0o755)
    release.chmod(0o644)
    with duckdb.connect(release) as connection:
        for table in ("fct_observations", "fct_indicator_values"):
            connection.execute(
                f"update {table} set value = 29000 where province_id = 'P63-26' "
                "and indicator_code = 'tel_bts_station' and period_id = '2022-09' and value = 2900"
            )
    told = document(home, "P63-26", "tel_bts_station", "2022-09")
    assert (told["published"]["value"], told["recomputed"]) == ("29000", "different")
    assert [(each["published"], each["recomputed"]) for each in told["differences"]] == [("29000", "2900")]
    assert "CHỮ IN TRONG Ô" in explained(home, "P63-26", "tel_bts_station", "2022-09").output


def test_the_first_lines_of_a_log_hold_nothing_but_codes_and_the_moment(first_night):
    told = document(first_night, "P63-38", "dvc_received", "2022-08")
    lines = [line for each in told["tree"]["parts"][0]["node"]["lines"] for line in each["first_lines"]]
    assert lines
    assert {tuple(line) for line in lines} == {
        ("cell", "procedure_code", "service_level", "channel", "state", "event_at")
    }
    assert all(re.fullmatch(r"L\d+", line["cell"]) for line in lines)


def test_the_text_says_number_rule_cell_and_publisher_in_vietnamese(first_night):
    outcome = explained(first_night, "Vĩnh Phúc", "tel_bts_station", "2022-09")
    assert outcome.exit_code == 0
    for words in ("2.900", "tính lại: bằng số đã công bố", "Ô: ", "In là", "sha256", "Nguồn: "):
        assert words in outcome.output


def test_a_place_in_a_ranking_stands_beside_the_score_with_the_printed_rank(first_night):
    told = document(first_night, "Vĩnh Phúc", "dti_score", "2021")
    (place,) = told["rankings"]
    assert (place["rank"], place["published"]["rank_previous"], place["recomputed"]) == (12, 55, "equal")
    assert {each["role"] for each in place["figures"]} == {"rank", "rank_change"}


def test_a_printed_rank_tells_the_ranking_it_is_part_of(first_night):
    told = document(first_night, "Vĩnh Phúc", "dti_rank", "2022")
    assert told["tree"]["cell"]["value_text"] == "18"
    assert [(each["rank"], each["published"]["rank_of"]) for each in told["rankings"]] == [(18, 63)]


def test_a_value_nobody_told_of_says_so_and_is_no_failure(first_night):
    told = document(first_night, "P34-25", "tel_bts_station", "2024")
    assert (told["published"], told["tree"], told["recomputed"]) == (None, None, "not_published")
    assert [each["reason_code"] for each in told["absence"]] == ["area_not_yet", "not_reported"]
    assert "P63-26" in told["absence"][0]["reason"]["vi"]


def test_a_refused_file_that_may_hold_the_value_is_named_with_its_reason(faulty_night):
    home, _ = faulty_night
    told = [
        each
        for source_id, load in refused(home)
        for each in document(home, "Hà Nội", "tel_mobile_sub", "2022-10")["absence"]
        if each["load_id"] == load
    ]
    assert told
    assert {each["reason_code"] for each in told} <= {"held_in_quarantine", "refused_load"}


def refused(home: Path) -> list[tuple[str, str]]:
    with duckdb.connect(home / "current" / "sotinh.duckdb", read_only=True) as connection:
        return connection.execute(
            "select source_id, load_id from audit_loads where verdict in ('quarantined', 'failed') "
            "and source_id in ('viettel', 'vnpt', 'mobifone')"
        ).fetchall()


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (("Phú Thọ", "tel_mobile_sub", "undated"), "P34-25"),
        (("Vĩn Phúc", "tel_mobile_sub", "2022"), "Vĩnh Phúc"),
        (("P63-26", "tel_mobil", "2022"), "tel_mobile_sub"),
        (("P63-26", "tel_mobile_sub", "2022-13"), "Quý III/2022"),
    ],
)
def test_what_means_nothing_or_several_things_is_bad_usage_and_names_the_candidates(first_night, question, words):
    outcome = explained(first_night, *question)
    assert outcome.exit_code == 2
    assert words in outcome.output


def test_the_number_as_users_read_it_on_a_day(first_night):
    today = document(first_night, "P63-26", "tel_bts_station", "2022-09")
    told = document(first_night, "P63-26", "tel_bts_station", "2022-09", "--asof", today["release"]["published_at"])
    assert told["asked"]["as_of"]
    assert (told["release"], told["published"]) == (today["release"], today["published"])
    before = explained(first_night, "P63-26", "tel_bts_station", "2022-09", "--asof", "2020-01-01")
    assert before.exit_code == 1


def test_a_release_that_is_not_kept_is_explained_from_what_is_built_again(first_night, tmp_path, monkeypatch):
    home = tmp_path / "home"
    shutil.copytree(first_night, home, symlinks=True, ignore=shutil.ignore_patterns("releases", "build", "dagster"))
    today = document(first_night, "P63-26", "tel_bts_station", "2022-09")
    built = []

    def build_again(_home: Any, moment: datetime, target: Path) -> None:
        built.append(moment)
        shutil.copytree(first_night / "current", target)

    monkeypatch.setattr("orchestration.as_of.star_as_of", build_again)
    moment = today["release"]["published_at"]
    told = document(home, "P63-26", "tel_bts_station", "2022-09", "--asof", moment)
    assert [each.isoformat() for each in built] == [moment]
    assert (told["published"], told["recomputed"]) == (today["published"], "equal")


class Asked(HTMLParser):
    """Everything a page would ask of a server or run, and its languages."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.languages: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outside += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "srcset", "action")]
        self.outside += [tag] if tag in ("script", "link", "iframe", "img") else []
        self.languages += [str(value) for name, value in attrs if name == "lang" and tag == "section"]


def test_the_page_holds_both_languages_and_asks_nothing_from_outside(first_night, tmp_path):
    page = tmp_path / "trang.html"
    outcome = explained(first_night, "P34-25", "tel_mobile_sub", "2022-Q3", "--html", str(page))
    assert outcome.exit_code == 0
    text = page.read_text(encoding="utf-8")
    read = Asked()
    read.feed(text)
    assert (read.outside, read.languages) == ([], ["vi", "en"])
    assert "url(" not in text
    assert "tính lại: bằng số đã công bố" in text
    assert "recomputed: equal" in text


def test_what_publishers_print_is_text_in_the_page_and_never_markup(first_night):
    told = document(first_night, "P63-26", "tel_bts_station", "2022-09")
    told["asked"]["as_of"] = None
    next(each for each in walk(told["tree"]) if each["cell"])["cell"]["quote"] = "<script>alert(1)</script>"
    page = page_of(told, "vi")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_registered_correction_tells_the_text_before_the_value_after_the_reason_and_who():
    entry = Correction(
        id="sai_don_vi", source_id="viettel", indicator_code="tel_mobile_sub", period_id="2022-09", when_value="1.5",
        action="scale", reason_vi="In theo triệu", reason_en="Printed in millions", who="Sở TTTT", status="open",
        since="2022-11-01", area="P63-26", factor="1000000",
    )  # fmt: skip
    home: Any = SimpleNamespace(reference=SimpleNamespace(corrections=(entry,)))
    node = {"cell": {"correction": entry.note, "value_text": "1.5"}, "value": "1500000"}
    told = _correction(home, node)
    assert told == {
        "id": "sai_don_vi", "action": "scale", "before": "1.5", "after": "1500000", "who": "Sở TTTT",
        "reason": {"vi": "In theo triệu", "en": "Printed in millions"}, "since": "2022-11-01", "status": "open",
    }  # fmt: skip
    gone: Any = SimpleNamespace(reference=SimpleNamespace(corrections=()))
    forgotten = _correction(gone, node)
    assert forgotten is not None
    assert (forgotten["who"], forgotten["reason"]["vi"]) == (None, "In theo triệu")


def test_a_release_that_is_kept_is_explained_without_dagster(first_night):
    code = (
        "import sys; from click.testing import CliRunner; from orchestration.cli import main; "
        f"told = CliRunner().invoke(main, ['--home', {str(first_night)!r}, 'explain', 'P63-26', 'tel_bts_station', "
        "'2022-09']); assert told.exit_code == 0, told.output; "
        "print([name for name in ('dagster', 'dbt', 'great_expectations') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT_DIR, check=True)
    assert done.stdout.strip() == "[]"


def test_bytes_that_were_purged_are_told_and_the_text_of_the_cell_stays(first_night, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(first_night, home, symlinks=True, ignore=shutil.ignore_patterns("landing", "build", "dagster"))
    told = document(home, "P63-26", "tel_bts_station", "2022-09")
    assert [load["is_in_landing"] for load in told["loads"].values()] == [False] * len(told["loads"])
    assert told["tree"]["cell"]["value_text"]
    assert "không còn trong landing" in explained(home, "P63-26", "tel_bts_station", "2022-09").output

"""Words, numbers, times and foreign text of the pages."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

import warehouse.site
from expectations.suite import load_suite
from ingestion.seeds import read_seed
from warehouse.decisions import DISCARD, RELEASE, UNDO, WAIVE, WITHDRAW
from warehouse.site.language import Language, shown

FOLDER = Path(warehouse.site.__file__).parent
SEEDS = FOLDER.parents[1] / "dbt_project" / "seeds"
VI, EN = Language("vi"), Language("en")


@pytest.mark.parametrize(
    ("number", "vi", "en"), [(1234567, "1.234.567", "1,234,567"), (1529.5, "1.529,5", "1,529.5"), (0, "0", "0")]
)
def test_numbers_are_written_as_readers_of_each_language_write_them(number, vi, en):
    assert (VI.n(number), EN.n(number)) == (vi, en)


def test_what_there_is_nothing_of_is_a_dash_and_not_a_zero():
    assert [VI.n(None), VI.share(None), VI.when(None), VI.date(None), str(shown(None))] == ["–"] * 5


@pytest.mark.parametrize(
    ("share", "vi"), [(1, "100%"), (0.999999, "99,99%"), (0.000001, "0,01%"), (0, "0%"), (0.9815, "98,15%")]
)
def test_a_share_says_all_or_nothing_only_where_it_is_all_or_nothing(share, vi):
    assert VI.share(share) == vi


def test_times_are_told_in_viet_nam_and_marked_up_in_utc():
    moment = datetime(2026, 12, 31, 17, 30, tzinfo=UTC).replace(tzinfo=None)
    assert VI.when(moment) == '<time datetime="2026-12-31T17:30:00Z">01/01/2027 00:30</time>'
    assert EN.when(moment) == '<time datetime="2026-12-31T17:30:00Z">2027-01-01 00:30</time>'
    assert VI.moment("2026-12-31T17:30:00.000000Z") == VI.when(moment)
    assert VI.date(date(2026, 12, 31)) == "31/12/2026"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("<script>alert(1)</script>", "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>"),
        ('"><img src=x onerror=alert(1)>', "<bdi>&#34;&gt;&lt;img src=x onerror=alert(1)&gt;</bdi>"),
        ("=HYPERLINK(1)", "<bdi>“=HYPERLINK(1)”</bdi>"),
        ("@SUM(A1)", "<bdi>“@SUM(A1)”</bdi>"),
        ("-1+cmd|' /C calc'!A0", "<bdi>“-1+cmd|&#39; /C calc&#39;!A0”</bdi>"),
        ("-1.250,5", "<bdi>-1.250,5</bdi>"),
        ("xlsx\u202egpj.tệp", "<bdi>xlsx⟨U+202E⟩gpj.tệp</bdi>"),
        ("một\ndòng\x00", "<bdi>một⟨U+000A⟩dòng⟨U+0000⟩</bdi>"),
    ],
)
def test_text_of_a_publisher_is_only_ever_text(text, seen):
    assert shown(text) == seen


def test_every_word_that_a_template_asks_for_is_there_in_both_languages():
    asked = {
        key
        for file in (FOLDER / "templates").glob("*.html")
        for key in re.findall(r"""\bt\(["'](\w+)["']""", file.read_text(encoding="utf-8"))
    }
    assert len(asked) > 100
    assert [VI.t(key) for key in sorted(asked)] != [EN.t(key) for key in sorted(asked)]


def test_every_verdict_consequence_and_kind_of_data_has_a_word():
    codes = {
        "verdict": ["accepted", "accepted_with_warnings", "quarantined", "superseded", "duplicate", "failed"],
        "on_fail": ["reject_rows", "quarantine_load", "warn"],
        "severity": ["critical", "warning"],
        "shape": ["subscribers", "indicators", "transactions"],
        "frequency": ["once", "day", "week", "month", "quarter", "half", "year"],
        "decision": [RELEASE, DISCARD, UNDO, WAIVE, WITHDRAW, "approve"],
        "absence": [row["state"] for row in read_seed("obligation_states", [SEEDS]) if row["state"] != "delivered"],
    }
    for group, values in codes.items():
        assert [value for value in values if VI.term(group, value) == value] == [], group


def test_what_rests_on_a_document_is_a_check_of_a_suite():
    bases = yaml.safe_load((FOLDER / "legal_basis.yml").read_text(encoding="utf-8"))
    checks = {rule.name for shape in ("indicators", "subscribers", "transactions") for rule in load_suite(shape).rules}
    assert bases.keys() <= checks


def test_every_colour_of_text_can_be_read_on_every_ground_it_stands_on():
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", (FOLDER / "site.css").read_text(encoding="utf-8")))
    inks = ("ink", "soft", "link", "accepted", "warned", "quarantined", "failed", "quiet", "good")
    for ground in ("ground", "shade"):
        low = {ink: contrast(colours[ink], colours[ground]) for ink in inks}
        assert [ink for ink, ratio in low.items() if ratio < 4.5] == []
    assert contrast("#ffffff", colours["head"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """The ratio of two colours by WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

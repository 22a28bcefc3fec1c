"""Every known spelling of a place, typed in every way people type it."""

import csv
import unicodedata

import pytest

from ingestion.areas import Unresolved, resolve
from ingestion.text import clean, fold_name
from tests.ingestion.conftest import SEEDS
from tests.ingestion.test_areas import IN_63, IN_64


def aliases() -> list[dict[str, str]]:
    with (SEEDS / "province_aliases.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


VARIANTS = {
    "decomposed": lambda name: unicodedata.normalize("NFD", name),
    "Eth for Đ": lambda name: name.replace("Đ", "Ð").replace("đ", "ð"),
    "new tone placement": lambda name: moved(name, {"oà": "òa", "oá": "óa", "uỷ": "ủy", "oè": "òe", "uý": "úy"}),
    "old tone placement": lambda name: moved(name, {"òa": "oà", "óa": "oá", "ủy": "uỷ", "òe": "oè", "úy": "uý"}),
    "no-break and doubled spaces": lambda name: "\u00a0 " + name.replace(" ", " \u00a0 ") + "\u00a0",
    "en dash": lambda name: name.replace(" - ", " – ").replace("-", "–"),
    "em dash without spaces": lambda name: name.replace(" - ", "—"),
    "hyphen without spaces": lambda name: name.replace(" - ", "-").replace(" – ", "-"),
    "no-break hyphen": lambda name: name.replace("-", "\u2011"),
    "small letters": str.lower,
    "capitals": str.upper,
    "zero-width mark before it": lambda name: "\ufeff" + name,
}


def moved(name: str, tones: dict[str, str]) -> str:
    for old, new in tones.items():
        name = name.replace(old, new).replace(old.capitalize(), new.capitalize())
    return name


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_spelling_of_a_place_is_found_however_it_is_typed(reference, variant):
    # Hà Tây (28) is of the 64 alone.
    names = [(row["alias"], f"P{64 if row['code_63'] == '28' else 63}-{row['code_63']}") for row in aliases()]
    names += [(area.name_vi, key) for key, area in reference.areas.items() if key.startswith(("P64-", "P63-"))]
    wrong = {}
    for name, area_id in names:
        day = IN_64 if area_id.startswith("P64") else IN_63
        area = resolve(reference, "name", VARIANTS[variant](name), day, "by_period")
        if isinstance(area, Unresolved) or area.province_id != area_id:
            wrong[name] = area
    assert len(names) > 800
    assert wrong == {}


@pytest.mark.parametrize(("one", "other"), [("Vũng Tầu", "Vũng Tàu"), ("Bắc Cạn", "Bắc Kạn"), ("Đắc Lắc", "Đăk Lăk")])
def test_i_and_y_and_other_spellings_are_aliases(reference, one, other):
    found = {resolve(reference, "name", name, IN_63, "by_period") for name in (one, other)}
    assert len(found) == 1
    assert fold_name(one) != fold_name(other) or clean(one) != clean(other)

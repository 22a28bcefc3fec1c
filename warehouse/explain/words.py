"""The sentences of an explanation in both languages, and numbers as each language prints them."""

import csv
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("vi", "en")
_POINTS = {"vi": str.maketrans(",.", ".,"), "en": str.maketrans("", "")}


@cache
def _words() -> Mapping[tuple[str, str], Mapping[str, str]]:
    with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as file:
        return {(row["kind"], row["code"]): row for row in csv.DictReader(file)}


def say(kind: str, code: str, language: str, **facts: Any) -> str:
    """A sentence with its facts filled in; the code itself where there is no sentence for it."""
    row = _words().get((kind, code))
    told = {name: _listed(fact) for name, fact in facts.items()}
    return code if row is None else row[language].format(**told)


def in_both(kind: str, code: str, **facts: Any) -> dict[str, str]:
    """The sentence in each language."""
    return {language: say(kind, code, language, **facts) for language in LANGUAGES}


def number_text(number: Decimal | None, language: str) -> str:
    """A number as the language prints it: 1.234,5 in Vietnamese, 1,234.5 in English."""
    if number is None:
        return say("label", "no_value", language)
    return f"{_plain(number):,f}".translate(_POINTS[language])


def plain_text(number: Decimal | None) -> str | None:
    """A number for machines, without zeros behind the last digit that counts: `1234.5`."""
    return None if number is None else f"{_plain(number):f}"


def _plain(number: Decimal) -> Decimal:
    shown = f"{number:f}"
    return Decimal(shown.rstrip("0").rstrip(".") if "." in shown else shown)


def _listed(fact: Any) -> Any:
    if isinstance(fact, list | tuple | set | frozenset):
        return ", ".join(map(str, sorted(fact))) or "—"
    return "—" if fact is None else fact

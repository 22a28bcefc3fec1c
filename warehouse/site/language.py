"""Words, numbers and times as the pages of one language print them: stored in UTC, told in the time of Viet Nam."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel.numbers import format_decimal
from markupsafe import Markup

from warehouse.canonical import VIET_NAM, utc_time
from warehouse.changes.evidence import declared

LANGUAGES = ("vi", "en")
NOTHING = "–"
_DAY = {"vi": "%d/%m/%Y", "en": "%Y-%m-%d"}
# what a spreadsheet takes for the beginning of a formula when a cell is pasted into it
_FORMULA = tuple("=+-@\t\r")
_NUMBER = re.compile(r"[+-]?[\d.,\s]*\d[\d.,\s]*%?")
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


class Language:
    """One language of the pages; its methods are what the templates call.

    Attributes:
        code: `vi` or `en`.
    """

    def __init__(self, code: str) -> None:
        """Takes the code of one of LANGUAGES."""
        self.code = code
        self._words = _words()[code]

    def t(self, key: str, **values: Any) -> str:
        """The words of a key, with `{name}` replaced by values.

        Raises:
            KeyError: words.yml has no such key.
        """
        return self._words[key].format(**values) if values else self._words[key]

    def term(self, group: str, value: Any) -> str:
        """The word for a code (`verdict`, `on_fail` …); a code without one stands for itself."""
        return NOTHING if value is None else self._words.get(f"{group}.{value}", str(value))

    def of(self, row: Mapping[str, Any], name: str) -> str:
        """The text of a pair of columns `<name>_vi`, `<name>_en`."""
        return row[f"{name}_{self.code}"] or NOTHING

    def n(self, number: int | Decimal | float | None, pattern: str = "#,##0.##") -> str:
        """A number: 1.234,5 in Vietnamese."""
        return NOTHING if number is None else _number(number, pattern, self.code)

    def share(self, number: float | None) -> str:
        """A share of 1 in percent. What is not quite all or quite nothing never looks as if it were."""
        if number is None:
            return NOTHING
        kept = number if number in (0, 1) else min(max(number, 0.0001), 0.9999)
        return _number(kept, "0.##%", self.code)

    def when(self, moment: datetime | None) -> Markup | str:
        """A time of Viet Nam, marked up with the stored one; `moment` is UTC without zone."""
        if moment is None:
            return NOTHING
        told = moment.replace(tzinfo=UTC).astimezone(VIET_NAM).strftime(f"{_DAY[self.code]} %H:%M")
        return Markup('<time datetime="{}Z">{}</time>').format(moment.isoformat(timespec="seconds"), told)

    def moment(self, text: str) -> Markup | str:
        """A time of Viet Nam, from UTC as text."""
        return self.when(utc_time(text).astimezone(UTC).replace(tzinfo=None))

    def date(self, day: date | None) -> str:
        """A calendar day as it stands."""
        return NOTHING if day is None else day.strftime(_DAY[self.code])

    def day(self, moment: datetime) -> str:
        """The day in Viet Nam of a time in UTC without zone."""
        return moment.replace(tzinfo=UTC).astimezone(VIET_NAM).strftime(_DAY[self.code])


def shown(text: Any) -> Markup:
    """Text of a publisher: marks that cannot be seen are spelled out, and none reaches what stands around it.

    In quotes where a spreadsheet would take it for a formula.
    """
    if text is None:
        return Markup(NOTHING)
    seen = "".join(f"⟨U+{ord(c):04X}⟩" if unicodedata.category(c) in _UNSEEN else c for c in str(text))
    is_formula = str(text).startswith(_FORMULA) and not _NUMBER.fullmatch(str(text))
    return Markup("<bdi>{}</bdi>").format(f"“{seen}”" if is_formula else seen)


@cache
def _number(number: int | Decimal | float, pattern: str, code: str) -> str:
    return str(format_decimal(number, pattern, locale=code))


@cache
def _words() -> dict[str, dict[str, str]]:
    told = yaml.safe_load((Path(__file__).parent / "words.yml").read_text(encoding="utf-8"))
    told |= {f"cause.{cause}": names for cause, names in declared("causes").items()}
    return {code: {key: pair[code] for key, pair in told.items()} for code in LANGUAGES}

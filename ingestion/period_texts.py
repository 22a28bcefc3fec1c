"""From a text that states a period to the pattern that reads it: `Tháng 9/2022` gives `Tháng {month}/{year}`."""

from __future__ import annotations

import re

from ingestion.periods import Period
from ingestion.templates import BadTemplate, match_period
from ingestion.text import clean

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"qu[yý]\s+(?P<quarter>IV|III|II|I|[1-4])\b\D*?{_YEAR}",
        rf"(?P<day>\d{{1,2}})\s*/\s*(?P<month>\d{{1,2}})\s*/\s*{_YEAR}",
        rf"ngày\s+(?P<day>\d{{1,2}})\s+tháng\s+(?P<month>\d{{1,2}})\s+năm\s+{_YEAR}",
        rf"(?:tháng|month|\bT)\s*(?P<month>\d{{1,2}})\b\D{{0,6}}{_YEAR}",
        rf"\b{_YEAR}-(?P<month>0[1-9]|1[0-2])\b",
        rf"\b(?P<month>\d{{1,2}})\s*[/-]\s*{_YEAR}",
        rf"(?<!\d){_YEAR}(?!\d)",
    )
)


def period_pattern(text: str) -> tuple[str, Period] | None:
    """The pattern of a text that states one period, and that period; None where it states none or several."""
    text = clean(text).replace("{", "(").replace("}", ")")
    for form in _FORMS:
        found = list(form.finditer(text))
        if len(found) > 1:
            return None
        if found:
            pattern = text
            spans = sorted(((found[0].span(name), name) for name in found[0].groupdict()), reverse=True)
            for (start, end), name in spans:
                pattern = f"{pattern[:start]}{{{name}}}{pattern[end:]}"
            return _checked(pattern, text)
    return None


def _checked(pattern: str, text: str) -> tuple[str, Period] | None:
    try:
        period = match_period(pattern, text)
    except BadTemplate:
        return None
    return None if period is None else (pattern, period)

"""What a header may mean: the nearest indicators of the catalogue, members and units it names. Only ever suggested."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz

from ingestion.reference import Reference
from ingestion.text import fold

# From here on a name is taken for the indicator's own, if no other is as like.
SURE = 92.0
_IN_BRACKETS = re.compile(r"\(([^()]+)\)")
_PLACEHOLDER = re.compile(r"\{\w+\}")
_FEWEST_INITIALS = 3
_WHOLE = frozenset({"tong so", "tong", "cong", "tong cong", "total", "chung"})
# Words of breakdown members as sheets print them.
_MEMBER_WORDS = {
    "tra truoc": ("contract", "prepaid"),
    "tra sau": ("contract", "postpaid"),
    "nam": ("sex", "male"),
    "male": ("sex", "male"),
    "nu": ("sex", "female"),
    "female": ("sex", "female"),
}


def suggestions(path: Sequence[str], reference: Reference, count: int = 3) -> list[tuple[str, float]]:
    """The indicators whose code or name is most like a header, with how like they are from 0 to 100.

    Placeholders of periods and a known unit in brackets say nothing of the indicator.
    """
    parts = [fold(_without_unit(_PLACEHOLDER.sub(" ", part), reference)) for part in path]
    told = [part for part in parts if part not in _WHOLE and not _member(part, reference)]
    label = " ".join(told or parts)
    scores = {
        code: max(_like(label, fold(text)) for text in _names(code, row)) for code, row in reference.indicators.items()
    }
    return sorted(scores.items(), key=lambda each: (-each[1], each[0]))[:count]


def _without_unit(label: str, reference: Reference) -> str:
    return _IN_BRACKETS.sub(lambda found: " " if fold(found[1]) in reference.units else found[0], label)


def _names(code: str, row: Mapping[str, str]) -> list[str]:
    return [code, row["name_vi"], row["name_en"]]


def _like(label: str, name: str) -> float:
    """Of two folded texts; initials stand for their words: `brcd` for `băng rộng cố định`."""
    if label == name:
        return 100.0
    words = name.split()
    letters = "".join(word[0] for word in words)
    spelled = []
    for word in label.split():
        at = letters.find(word) if len(word) >= _FEWEST_INITIALS else -1
        spelled += words[at : at + len(word)] if at >= 0 else [word]
    text = " ".join(spelled)
    ratio = max(fuzz.ratio(text, name), fuzz.ratio(text, name.removeprefix("so ")))  # `Số thuê bao` is `Thuê bao`
    return max(ratio, 0.6 * ratio + 0.4 * fuzz.token_set_ratio(text, name))


def breakdown_in(path: Sequence[str], reference: Reference) -> dict[str, str]:
    """Members that a header names by their code (`4G`) or a usual word (`Trả trước`)."""
    found = {}
    for label in map(fold, path):
        if (member := _member(label, reference)) is not None:
            found[member[0]] = member[1]
    return found


def _member(label: str, reference: Reference) -> tuple[str, str] | None:
    said = _MEMBER_WORDS.get(label) or next((each for each in sorted(reference.members) if each[1] == label), None)
    return said if said in reference.members else None


def unit_in(path: Sequence[str], reference: Reference) -> str | None:
    """The known unit that a header states in brackets."""
    texts = [text.strip() for label in path for text in _IN_BRACKETS.findall(label)]
    return next((text for text in texts if fold(text) in reference.units), None)

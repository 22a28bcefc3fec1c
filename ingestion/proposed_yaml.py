"""The lines of a proposed source YAML: fields in flow style, questions as comments above them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml


@dataclass(frozen=True)
class Line:
    """One entry of the YAML with the questions that stand above it."""

    key: str
    value: Any
    questions: Sequence[str] = ()


def written(lines: Iterable[Line], depth: int) -> list[str]:
    """The text of entries, indented by two blanks a level; a list of entries gets one line each."""
    indent, text = "  " * depth, []
    for line in lines:
        text += [f"{indent}# ? {question}" for question in line.questions]
        if isinstance(line.value, list) and line.value and isinstance(line.value[0], Line):
            text.append(f"{indent}{line.key}:")
            for each in line.value:
                text += [f"{indent}  # ? {question}" for question in each.questions]
                text.append(f"{indent}  - {_flow(each.value)}")
        else:
            text.append(f"{indent}{line.key}: {_flow(line.value)}")
    return text


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, sort_keys=False, width=100_000)
    return text.removesuffix("...\n").strip()

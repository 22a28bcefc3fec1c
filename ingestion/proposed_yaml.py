"""The lines of a proposed source YAML: fields in flow style, questions and notes as comments above them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

QUESTION = "# ?"


@dataclass(frozen=True)
class Line:
    """One entry of the YAML with what stands above it.

    Attributes:
        key: the field; blank in a list.
        value: what was found, or an assumption that a question is about.
        questions: what only a person can tell; as long as one is open, rows may be refused, or of another meaning.
        notes: what was seen or is to be filled in, where nothing of what is read depends on it.
    """

    key: str
    value: Any
    questions: Sequence[str] = ()
    notes: Sequence[str] = ()


def written(lines: Iterable[Line], depth: int) -> list[str]:
    """The text of entries, indented by two blanks a level; a list of entries gets one line each."""
    indent, text = "  " * depth, []
    for line in lines:
        text += _comments(line, indent)
        if isinstance(line.value, list) and line.value and isinstance(line.value[0], Line):
            text.append(f"{indent}{line.key}:")
            for each in line.value:
                text += [*_comments(each, f"{indent}  "), f"{indent}  - {_flow(each.value)}"]
        else:
            text.append(f"{indent}{line.key}: {_flow(line.value)}")
    return text


def asked(questions: Iterable[str]) -> list[str]:
    """Questions as comments. A text of the file may hold line breaks, which would end a comment."""
    return [f"{QUESTION} {' '.join(question.split())}" for question in questions]


def _comments(line: Line, indent: str) -> list[str]:
    notes = [f"# {' '.join(note.split())}" for note in line.notes]
    return [f"{indent}{each}" for each in [*notes, *asked(line.questions)]]


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, sort_keys=False, width=100_000)
    return text.removesuffix("...\n").strip()

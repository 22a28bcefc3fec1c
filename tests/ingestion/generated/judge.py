"""What was read against what is true, cell by cell; and the tally of many workbooks by option of their plans."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingestion.errors import FileFault
from ingestion.read import ReadResult, read_file
from ingestion.reference import Reference
from ingestion.source import Source
from ingestion.text import column_letters
from tests.ingestion.generated.truth import Book, Cell, Fact

Address = tuple[str, str]


@dataclass
class Verdict:
    """What became of the cells of one book. `silent` are errors that nobody would see.

    `fields` are those of the layout language that its YAML uses.
    """

    facts: int
    right: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)


def read_and_judge(book: Book, path: Path, source: Source, reference: Reference) -> Verdict:
    cells = {address: cell for address, cell in _cells(book)}
    try:
        result = read_file(path, book.file_name, source, reference)
    except FileFault as fault:
        facts = sum(len(cell.facts) for cell in cells.values())
        return Verdict(facts, refused=Counter({f"file: {fault.reason_code}": facts}))
    return judge(cells, result)


def judge(cells: dict[Address, Cell], result: ReadResult) -> Verdict:
    """Every row read is the fact of its cell; every fact is read or refused; every refusal has its reasons."""
    verdict = Verdict(sum(len(cell.facts) for cell in cells.values()))
    accepted: dict[Address, list[dict[str, Any]]] = defaultdict(list)
    rejected: dict[Address, list[dict[str, Any]]] = defaultdict(list)
    for found, rows in ((accepted, result.rows), (rejected, result.rejected)):
        for row in rows.to_pylist():
            found[row["sheet"], row["cell"]].append(row)
    for place, read in accepted.items():
        facts = cells.get(place, Cell()).facts
        wrong = [said for row in read for said in _difference(row, facts)]
        verdict.right += 0 if wrong else len(read)
        verdict.silent += wrong
        if len(read) > len(facts):
            verdict.silent.append(f"{place}: {len(read)} figures are read, {len(facts)} stand there")
    for place, cell in cells.items():
        lost = len(cell.facts) - len(accepted[place])
        if lost > 0:
            verdict.refused.update(str(row["reason_code"]) for row in rejected[place][:lost])
        if lost > len(rejected[place]) or (cell.must_refuse and not rejected[place] and not accepted[place]):
            verdict.silent.append(f"{place}: {cell.shown!r} is neither read nor refused")
    for place, row in ((place, row) for place, rows in rejected.items() for row in rows):
        if not (row["reason_code"] and row["reason_vi"] and row["reason_en"]):
            verdict.silent.append(f"{place}: refused without a reason")
    return verdict


def _cells(book: Book) -> Iterable[tuple[Address, Cell]]:
    for sheet in book.sheets:
        number = 1
        for row in sheet.rows:
            for column, cell in enumerate(row):
                yield (sheet.name, f"{column_letters(column)}{number}"), cell
            # A line break inside a field is one more line of a text file.
            breaks = sum(str(cell.shown).count("\n") for cell in row)
            number += 1 + (breaks if book.raw["format"] == "csv" else 0)


def _difference(row: dict[str, Any], facts: Sequence[Fact]) -> list[str]:
    """What is otherwise with a row than with the fact of its cell, of two that of its indicator."""
    place = f"{row['sheet']}!{row['cell']}"
    if not facts:
        return [f"{place}: {row['value_text']!r} read as {row['value']} of {row['province_id']}, and is no figure"]
    fact = next((each for each in facts if each.indicator_code == row["indicator_code"]), facts[0])
    true = vars(fact)
    text = row["value_text"]
    return [f"{place} {text!r}: {name} is {true[name]}, read {row[name]}" for name in true if row[name] != true[name]]


@dataclass
class Share:
    """Workbooks and facts of one option."""

    books: int = 0
    facts: int = 0
    right: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def read(self) -> float:
        return self.right / self.facts if self.facts else 1.0


class Tally:
    """Verdicts by `axis=option`, and of all; the fields of the layout language that were used."""

    def __init__(self) -> None:
        self.shares: dict[str, Share] = defaultdict(Share)
        self.fields: set[str] = set()

    def add(self, plan: dict[str, str], verdict: Verdict) -> None:
        self.fields |= verdict.fields
        for name in ("all", *(f"{axis}={option}" for axis, option in plan.items())):
            share = self.shares[name]
            share.books += 1
            share.facts += verdict.facts
            share.right += verdict.right
            share.refused += verdict.refused

    def table(self) -> str:
        lines = [f"{'feature':38}{'books':>7}{'facts':>8}{'read':>8}{'refused':>9}  reasons"]
        for name in sorted(self.shares, key=lambda each: (each != "all", each)):
            share = self.shares[name]
            why = ", ".join(f"{reason} {count}" for reason, count in share.refused.most_common(3))
            lines.append(
                f"{name:38}{share.books:7}{share.facts:8}{share.read:8.1%}{sum(share.refused.values()):9}  {why}"
            )
        return "\n".join(lines)

"""What a workbook is like: one option for each axis. `EXCLUDED` says what options of two axes cannot stand together."""

from collections.abc import Sequence

Plan = dict[str, str]

# The first option of each axis is the plainest, so that failing workbooks shrink towards it.
AXES: dict[str, tuple[str, ...]] = {
    "shape": (
        *("measures", "groups", "years", "years_below", "years_above", "pairs", "triples", "long", "long_full"),
        *("indicators", "indicator_years"),
    ),
    "stack": ("none", "begins_at", "begins_again", "beside_at", "beside_again", "blocks", "blocks_ignored"),
    "format": ("xlsx", "xlsx_calculated", "csv", "ods", "ods_calculated", "xls", "xls_calculated"),
    "encoding": ("utf-8", "bom", "utf-16", "utf-16-le", "cp1258", "cp1252", "tcvn3", "vni"),
    "fonts": ("none", "tcvn3", "vni", "mixed", "column_tcvn3", "column_vni"),
    "header": ("one", "merged", "deep", "unmerged", "bilingual", "english_above", "coded", "numbered_below"),
    "labels": ("as_declared", "capitals", "decomposed", "double_spaces", "line_break", "without_accents"),
    "period_of": ("cell", "sheet_name", "file_name", "column", "constant", "block"),
    "period": (
        *("month", "quarter", "administrative", "year", "half", "preliminary", "to_date", "year_to_date", "day"),
        "undated",
    ),
    "unit_of": ("cell", "constant", "column", "measure", "header", "unit_row", "block"),
    "scale": ("one", "multiplied"),
    "numbers": ("numeric", "printed", "mixed", "english", "padded", "percent"),
    "locale": ("as_source", "per_measure"),
    "marks": ("none", "figures", "places", "header", "everywhere"),
    "words": ("none", "bounds", "ranges", "scales"),
    "cells": ("one_figure", "one_part", "rank_and_score", "rank_and_change"),
    "kind": ("observations", "targets"),
    "constants": ("none", "operator"),
    "places": (
        *("name", "capitals", "decomposed", "eth", "old_tone", "spaces", "english", "alias", "prefix"),
        *("gso", "gso_number", "code", "code_and_name", "mixture"),
    ),
    "boundaries": ("63", "64", "34", "fixed_64", "fixed_63", "fixed_34"),
    "blanks": ("none", "ignore", "missing", "tokens", "default_tokens"),
    "rows": ("none", "total_first", "total_last", "country", "regions_skipped", "regions_read", "statistics", "empty"),
    "columns": ("none", "numbered", "ordinal", "note", "ignored_figures", "ignored_pattern", "shuffled", "spacer"),
    "foot": ("none", "signature", "source_note", "note_below_blank", "lookup_below_blank"),
    "sheets": ("one", "by_pattern", "listed", "tables", "hidden", "very_hidden", "ignored", "by_number", "blank"),
}


def repaired(plan: Plan) -> Plan:
    """The plan with what cannot stand together replaced by what can."""
    plan = dict(plan)
    for _ in range(200):
        wrong = next((rule for rule in EXCLUDED if not _holds(plan, rule)), None)
        if wrong is None:
            return plan
        axis, _, other, allowed = wrong
        # What the rule asks for, or else that the rule is not asked; at last whatever may then be repaired in turn.
        if choices := _fitting(plan, other, allowed):
            plan[other] = _one_of(plan, choices)
        elif choices := _fitting(plan, axis, AXES[axis]):
            plan[axis] = _one_of(plan, choices)
        else:
            plan[other] = allowed[0]
    raise ValueError(f"no such workbook can be: {plan}")


Rule = tuple[str, tuple[str, ...], str, tuple[str, ...]]


def _holds(plan: Plan, rule: Rule) -> bool:
    axis, options, other, allowed = rule
    return plan[axis] not in options or plan[other] in allowed


def _fitting(plan: Plan, axis: str, options: Sequence[str]) -> list[str]:
    """The options of an axis that stand with all others of the plan."""
    return [option for option in options if all(_holds({**plan, axis: option}, rule) for rule in _ABOUT[axis])]


def _one_of(plan: Plan, options: Sequence[str]) -> str:
    """Not always the plainest, so that no option takes the place of all others; the same for the same plan."""
    return options[sum(map(len, plan.values())) % len(options)]


def _but(axis: str, *options: str) -> tuple[str, ...]:
    return tuple(option for option in AXES[axis] if option not in options)


_FLAT = ("one", "bilingual", "english_above", "coded", "numbered_below")
_LEVELS = ("merged", "deep", "unmerged")
_YEARS = ("year", "preliminary")
_YEARLY = ("years", "years_below", "years_above", "indicator_years")
_PAIRS = ("pairs", "triples")
_LONG = ("long", "long_full")
_PLAN = ("indicators", "indicator_years")
_ONE_PAGE = ("one", "hidden", "ignored", "by_number", "blank", "very_hidden")
_STACKED = ("begins_at", "begins_again", "beside_at", "beside_again")
_BLOCKS = ("blocks", "blocks_ignored")
_FONTS = ("tcvn3", "vni", "mixed")
_OWN_COLUMN = ("column_tcvn3", "column_vni")
_BOOKS = _but("format", "csv")
# Axis, its options, another axis, what it may then be.
EXCLUDED: Sequence[Rule] = (
    # a text file has one sheet, no merged cells, no fonts, and prints every number
    ("format", ("csv",), "sheets", ("one",)),
    ("format", ("csv",), "header", (*_FLAT, "unmerged")),
    ("format", ("csv",), "numbers", ("printed", "english", "padded")),
    ("format", ("csv",), "fonts", ("none", *_OWN_COLUMN)),
    ("format", ("csv",), "period_of", ("cell", "file_name", "column", "constant", "block")),
    ("format", _BOOKS, "encoding", ("utf-8", "tcvn3", "vni")),
    ("format", ("xls", "xls_calculated", "ods", "ods_calculated"), "sheets", _but("sheets", "very_hidden")),
    # letters of old encodings are those of Latin-1: one file cannot be in two of them
    ("fonts", _FONTS, "encoding", ("utf-8",)),
    ("fonts", _OWN_COLUMN, "encoding", ("utf-8", "bom", "utf-16", "utf-16-le")),
    ("fonts", _OWN_COLUMN, "shape", ("measures", "groups", "years", "years_below", "years_above", *_LONG)),
    ("fonts", _OWN_COLUMN, "stack", _but("stack", "beside_at")),
    ("fonts", _OWN_COLUMN, "foot", _but("foot", "lookup_below_blank")),
    # words of a pattern stand in the cell with their accents
    ("encoding", ("cp1252",), "cells", ("one_figure",)),
    # several tables on one sheet, or several sheets
    ("stack", _but("stack", "none"), "sheets", _ONE_PAGE),
    ("stack", ("beside_at", "beside_again"), "shape", _but("shape", *_PAIRS)),
    ("stack", ("beside_at", "beside_again"), "header", _but("header", "english_above")),
    ("stack", ("beside_at", "beside_again"), "columns", _but("columns", "ordinal")),
    ("stack", ("beside_at",), "unit_of", _but("unit_of", "cell", "block")),
    ("stack", ("beside_at",), "shape", _but("shape", *_PAIRS, *_PLAN)),
    ("stack", ("beside_at",), "columns", _but("columns", "ordinal", "numbered")),
    ("stack", ("beside_at",), "places", _but("places", "code_and_name")),
    ("stack", _BLOCKS, "shape", ("measures", "groups", "years", "years_below", "years_above", *_LONG)),
    ("stack", (*_BLOCKS, *_STACKED), "unit_of", _but("unit_of", "block")),
    ("stack", (*_BLOCKS, *_STACKED), "period_of", ("cell", "file_name", "column", "constant")),
    ("unit_of", ("block",), "shape", ("measures", "groups", *_LONG)),
    ("unit_of", ("block",), "stack", ("none",)),
    ("unit_of", ("block",), "period_of", _but("period_of", "block")),
    ("period_of", ("block",), "shape", ("measures", "groups", *_LONG)),
    ("period_of", ("block",), "stack", ("none",)),
    ("period_of", ("block",), "period", _but("period", "undated")),
    ("sheets", ("by_pattern",), "period_of", ("sheet_name",)),
    ("sheets", ("by_pattern",), "shape", _but("shape", *_YEARLY)),
    ("sheets", ("listed",), "period_of", ("cell", "file_name", "column", "constant")),
    ("sheets", ("tables",), "period_of", ("cell", "file_name", "column", "constant")),
    ("period_of", ("cell", "file_name", "column", "constant", "block"), "sheets", _but("sheets", "by_pattern")),
    # one row of header in long sheets; pairs have places without a header
    ("shape", _LONG, "header", ("one", "unmerged")),
    ("shape", _LONG, "columns", ("none", "numbered", "ordinal", "note", "shuffled")),
    ("shape", _LONG, "unit_of", ("column", "cell", "constant", "block")),
    ("shape", _LONG, "locale", ("as_source",)),
    ("shape", ("long",), "kind", ("observations",)),
    ("shape", ("groups", "years_below", "years_above"), "header", _LEVELS),
    ("shape", ("groups", "years_below", "years_above"), "unit_of", _but("unit_of", "header")),
    ("shape", _YEARLY, "unit_of", _but("unit_of", "header", "block")),
    ("shape", _YEARLY, "period", _YEARS),
    ("shape", ("indicator_years",), "period", ("year",)),
    ("shape", _YEARLY, "period_of", ("cell",)),
    ("shape", _YEARLY, "sheets", ("one", "hidden", "very_hidden", "ignored", "by_number", "blank", "listed")),
    ("shape", _PAIRS, "places", ("name", "capitals", "decomposed", "eth", "old_tone", "spaces", "alias")),
    ("shape", _PAIRS, "columns", ("none", "numbered")),
    ("shape", _PAIRS, "unit_of", ("measure", "constant", "cell", "unit_row")),
    ("shape", _PAIRS, "period_of", ("cell", "sheet_name", "file_name", "constant")),
    ("shape", _PAIRS, "rows", ("none", "statistics", "total_last", "empty")),
    ("shape", _PAIRS, "header", _but("header", "numbered_below", "unmerged")),
    ("shape", _PLAN, "unit_of", ("column", "cell", "constant")),
    ("shape", _PLAN, "rows", ("none", "empty")),
    ("shape", _PLAN, "places", _but("places", "code_and_name")),
    ("shape", _PLAN, "cells", ("one_figure",)),
    ("shape", _PLAN, "marks", ("none", "figures", "header")),
    # more than a figure in a cell is a text
    ("shape", _LONG, "cells", ("one_figure",)),
    ("cells", _but("cells", "one_figure"), "words", ("none",)),
    ("cells", _but("cells", "one_figure"), "numbers", _but("numbers", "percent")),
    ("cells", ("rank_and_score", "rank_and_change"), "unit_of", ("measure",)),
    ("numbers", ("numeric", "percent"), "locale", ("as_source",)),
    ("numbers", ("percent",), "scale", ("one",)),
    # units below the labels need a row for them; a label of one level says nothing of its neighbours
    ("unit_of", ("unit_row",), "header", _LEVELS),
    ("header", ("unmerged",), "columns", _but("columns", "spacer")),
    ("header", _FLAT[1:], "columns", ("none", "numbered", "ordinal", "note", "shuffled")),
    ("header", ("numbered_below",), "columns", ("none", "numbered", "note", "shuffled")),
    ("period", ("administrative",), "period_of", ("cell", "column", "constant", "block")),
    ("period", ("undated",), "period_of", ("column", "constant")),
    ("period", ("undated",), "boundaries", ("fixed_64", "fixed_63", "fixed_34")),
    ("boundaries", ("64",), "period", _YEARS),
    ("boundaries", ("fixed_63",), "period", (*_YEARS, "undated")),
    ("foot", ("note_below_blank", "lookup_below_blank"), "rows", AXES["rows"][:-1]),
    ("foot", ("lookup_below_blank",), "format", ("xlsx", "xls", "ods")),
    # a look-up row is told by its texts: where places are bare numbers there may be none, and the file is refused
    ("places", ("gso_number",), "foot", _but("foot", "lookup_below_blank")),
    ("shape", _PLAN, "foot", _but("foot", "lookup_below_blank")),
    ("blanks", ("ignore",), "foot", ("none", "signature", "source_note")),
)
_ABOUT = {axis: [rule for rule in EXCLUDED if axis in (rule[0], rule[2])] for axis in AXES}

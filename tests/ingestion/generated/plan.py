"""What a workbook is like: one option for each axis. `RULES` say which options of two axes cannot stand together."""

from collections.abc import Sequence

Plan = dict[str, str]

# The first option of each axis is the plainest, so that failing workbooks shrink towards it.
AXES: dict[str, tuple[str, ...]] = {
    "shape": ("measures", "groups", "years", "years_below", "pairs", "long"),
    "format": ("xlsx", "xlsx_calculated", "csv", "ods", "xls"),
    "encoding": ("utf-8", "bom", "utf-16", "cp1258"),
    "header": ("one", "merged", "deep", "bilingual", "english_above", "coded", "numbered_below"),
    "labels": ("as_declared", "capitals", "decomposed", "double_spaces", "line_break", "without_accents"),
    "period_of": ("cell", "sheet_name", "file_name", "column", "constant"),
    "period": ("month", "quarter", "administrative", "year", "half", "preliminary", "to_date", "year_to_date", "day"),
    "unit_of": ("cell", "constant", "column", "measure", "header"),
    "scale": ("one", "multiplied"),
    "numbers": ("numeric", "printed", "mixed", "english", "padded", "percent", "footnoted"),
    "places": (
        *("name", "capitals", "decomposed", "eth", "old_tone", "spaces", "english", "alias", "prefix"),
        *("gso", "gso_number", "code", "code_and_name", "mixture"),
    ),
    "boundaries": ("63", "64", "34", "fixed_63", "fixed_34"),
    "blanks": ("none", "ignore", "missing", "tokens", "default_tokens"),
    "rows": ("none", "total_first", "total_last", "country", "regions_skipped", "regions_read", "statistics", "empty"),
    "columns": ("none", "numbered", "note", "ignored_figures", "ignored_pattern", "shuffled", "spacer"),
    "foot": ("none", "signature", "source_note", "note_below_blank", "lookup_below_blank"),
    "sheets": ("one", "by_pattern", "tables", "hidden", "very_hidden", "ignored", "by_number", "blank"),
}


def repaired(plan: Plan) -> Plan:
    """The plan with what cannot stand together replaced by the nearest that can."""
    plan = dict(plan)
    for axis, options, other, allowed in EXCLUDED:
        if plan[axis] in options and plan[other] not in allowed:
            plan[other] = allowed[0]
    return plan


_FLAT = ("one", "bilingual", "english_above", "coded", "numbered_below")
_YEARS = ("year", "preliminary")
_NO_PATTERN = tuple(option for option in AXES["sheets"] if option != "by_pattern")
# Axis, its options, another axis, what it may then be.
EXCLUDED: Sequence[tuple[str, tuple[str, ...], str, tuple[str, ...]]] = (
    # a text file has one sheet, no merged cells, and prints every number
    ("format", ("csv",), "sheets", ("one",)),
    ("format", ("ods", "xls"), "sheets", ("one", "by_pattern", "tables", "ignored", "by_number", "blank")),
    ("format", ("ods",), "sheets", ("one",)),
    ("format", ("csv", "ods"), "header", _FLAT),
    ("format", ("csv",), "numbers", ("printed", "english", "padded", "footnoted")),
    ("format", ("ods",), "numbers", ("numeric", "printed", "mixed", "english", "padded", "footnoted")),
    ("sheets", ("by_pattern",), "period_of", ("sheet_name",)),
    ("sheets", ("tables",), "shape", ("measures", "groups")),
    # one row of header in long sheets; pairs have places without a header
    ("shape", ("long",), "header", ("one",)),
    ("shape", ("long",), "columns", ("none", "numbered", "note", "shuffled")),
    ("shape", ("long",), "unit_of", ("column", "cell", "constant")),
    ("shape", ("groups",), "header", ("merged", "deep")),
    ("shape", ("groups",), "format", ("xlsx", "xlsx_calculated", "xls")),
    ("shape", ("measures", "years", "pairs"), "header", ("one", "deep", *_FLAT[1:])),
    ("shape", ("years_below",), "header", ("merged", "deep")),
    ("shape", ("years_below",), "format", ("xlsx", "xlsx_calculated", "xls")),
    ("shape", ("years", "years_below"), "period", _YEARS),
    ("shape", ("years", "years_below"), "sheets", ("one", "hidden", "very_hidden", "ignored", "by_number", "blank")),
    ("shape", ("pairs",), "places", ("name", "capitals", "decomposed", "eth", "old_tone", "spaces", "alias")),
    ("shape", ("pairs",), "columns", ("none", "numbered")),
    ("shape", ("pairs",), "unit_of", ("measure", "constant", "cell")),
    ("shape", ("pairs",), "period_of", ("cell", "sheet_name", "file_name", "constant")),
    ("shape", ("pairs",), "rows", ("none", "statistics", "total_last", "empty")),
    ("shape", ("years", "years_below", "groups"), "unit_of", ("cell", "constant", "column", "measure")),
    ("shape", ("pairs",), "header", ("one", "deep", "bilingual", "english_above", "coded")),
    ("header", _FLAT[1:], "columns", ("none", "numbered", "note", "shuffled")),
    ("period", ("administrative",), "period_of", ("cell", "column", "constant")),
    ("boundaries", ("64", "fixed_63"), "period", _YEARS),
    ("numbers", ("percent",), "scale", ("one",)),
    ("foot", ("note_below_blank", "lookup_below_blank"), "rows", AXES["rows"][:-1]),
    ("foot", ("lookup_below_blank",), "format", ("xlsx", "xls", "ods")),
    # a look-up row is told by its texts: where places are bare numbers there may be none, and the file is refused
    ("places", ("gso_number",), "foot", ("none", "signature", "source_note", "note_below_blank")),
    ("blanks", ("ignore",), "foot", ("none", "signature", "source_note")),
    ("format", ("xlsx", "xlsx_calculated", "ods", "xls"), "encoding", ("utf-8",)),
    ("format", ("csv",), "period_of", ("cell", "file_name", "column", "constant")),
    ("sheets", ("tables",), "period_of", ("cell", "file_name", "column", "constant")),
    ("period_of", ("cell", "file_name", "column", "constant"), "sheets", _NO_PATTERN),
)

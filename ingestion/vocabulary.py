"""The closed vocabularies a sheet may use in its own words; the suites hold every row against the same lists."""

BASES = ("point", "period", "ytd", "cumulative")

# How firmly the publisher states a figure: `exact` unless said, `more_than` for "hơn", `almost` for "gần".
QUALIFIERS = ("exact", "approx", "almost", "more_than", "at_least", "less_than", "at_most")

# How a target is met: at least, above, at most, below, exactly, within a range, among the first n of a ranking.
COMPARATORS = ("ge", "gt", "le", "lt", "eq", "range", "top_n")

TARGET_STATUSES = ("draft", "proposed", "adopted")

# Columns of a long sheet whose words are the publisher's, with the words known here; blank is always allowed.
WORDS = {"qualifier": QUALIFIERS, "comparator": COMPARATORS, "target_status": TARGET_STATUSES}

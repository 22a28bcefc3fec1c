"""From which ledger entry to which the rows of a load counted."""

Span = tuple[int, int | None]


def note_span(spans: list[Span], entry_no: int, *, is_live: bool) -> None:
    """Adds to a load's spans what an entry makes of it: it counts from there on, or no longer.

    Args:
        spans: first entry and the entry that ended it (None: open) of each span so far, in order.
        entry_no: the entry.
        is_live: whether the load's rows count after it.
    """
    is_open = bool(spans) and spans[-1][1] is None
    if is_live and not is_open:
        spans.append((entry_no, None))
    elif is_open and not is_live:
        spans[-1] = (spans[-1][0], entry_no)

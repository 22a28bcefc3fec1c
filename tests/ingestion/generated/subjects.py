"""What a book is about: its places, its measures, and the facts of its sheets."""

from copy import deepcopy
from decimal import Decimal
from random import Random
from typing import Any

from tests.ingestion.generated.periods import Written
from tests.ingestion.generated.truth import Book, Cell, Column, Fact
from tests.ingestion.generated.world import Province

Measure = dict[str, Any]
LARGEST = {"%": 100, "index 0-1": 1, "rank": 63}
RANK_CHANGE = "dti_rank_change"
# Two figures of one cell: the pattern of each, and how the cell is printed.
IN_ONE_CELL = (
    ("{value} ({any})", "{any} ({value})", "{} ({})"),
    ("{value} [{any}]", "{any} [{value}]", "{} [{}]"),
    ("Hạng {value} ({any})", "Hạng {any} ({value})", "Hạng {} ({})"),
    ("{value}; {any}", "{any}; {value}", "{}; {}"),
)
# A cell with a figure and something that is none.
WITH_A_WORD = (("{value} ({any})", "{} (ước)"), ("Đạt {value}", "Đạt {}"), ("{any}: {value}", "Hạng: {}"))
TARGET_STATUSES = ("draft", "proposed", "adopted")
COMPARATORS = ("ge", "gt", "le", "lt", "eq", "range", "top_n")
# Dimensions that blocks of rows and constants take for themselves.
TAKEN = ("sex", "operator")


def set_of(book: Book) -> str:
    return book.plan["boundaries"].removeprefix("fixed_")


def draw_provinces(book: Book) -> list[Province]:
    known = book.world.provinces[set_of(book)]
    if book.has("places", "code", "code_and_name"):
        known = tuple(each for each in known if book.scheme in each.codes)
    return book.random.sample(known, book.random.randint(3, 8))


def draw_amount(random: Random, unit: str) -> tuple[Decimal, int]:
    """A figure as it might be printed, and its decimals; some are zero, some with zeros at the end."""
    decimals = 0 if unit == "rank" else random.choice([0, 0, 1, 2, 3])
    if random.random() < 0.04:
        return Decimal(0), 0
    largest = LARGEST.get(unit, random.choice([10, 1000, 10**5, 10**7, 10**9]))
    whole = random.randint(0 if decimals else 1, max(largest - 1, 1))
    parts = random.randint(0, 10**decimals - 1)
    sign = -1 if unit == "billion VND" and random.random() < 0.2 else 1
    return sign * (Decimal(whole) + Decimal(parts).scaleb(-decimals)), decimals


def fact_of(book: Book, area_id: str, measure: Measure) -> Cell:
    """A drawn figure with the fact it states, and the second one where a cell holds two."""
    period: Written = measure["period"]
    amount, decimals = draw_amount(book.random, measure["unit"])
    if measure["indicator_code"] == RANK_CHANGE:
        amount, decimals = Decimal(book.random.randint(-20, 20)), 0
    amount = amount.quantize(Decimal(1).scaleb(-decimals))
    members = {**book.constants, **measure.get("within", {}), **measure["breakdown"]}
    target = measure.get("target", {})
    fact = Fact(
        province_id=area_id,
        indicator_code=measure["indicator_code"],
        period_id=period.period_id,
        breakdown=";".join(sorted(f"{key}:{value}" for key, value in members.items())) or "total",
        basis=measure.get("basis", book.layout["basis"]),
        unit=measure["unit"],
        value=amount * measure["multiplier"],
        decimals=decimals - measure["multiplier"].adjusted(),
        status=period.status,
        kind="target" if target else "observation",
        comparator=target.get("comparator"),
        target_status=target.get("status"),
    )
    second = measure.get("second")
    shared = {key: measure[key] for key in ("period", "within") if key in measure}
    other = fact_of(book, area_id, {**second, **shared}) if second else None
    return Cell(fact=fact, amount=amount, measure=measure, other=other)


def draw_measures(book: Book) -> list[Column]:
    """Columns of figures with their labels. Where the unit is the sheet's, all of them have the same one."""
    random, world = book.random, book.world
    named = [row for row in world.indicators if not book.has("numbers", "percent") or row["unit"] == "%"]
    if book.has("cells", "rank_and_score", "rank_and_change"):
        named = [row for row in world.indicators if row["unit"] == "rank" and row["indicator_code"] != RANK_CHANGE]
    elif book.has("scale", "multiplied"):
        named = [row for row in named if any(factor != 1 for _, factor in world.units[row["unit"]])] or named
    first = random.choice(named)
    others = [row for row in world.indicators if row is not first and row["indicator_code"] != RANK_CHANGE]
    if not has_own_units(book):
        others = [row for row in others if row["unit"] == first["unit"]]
    rows = [first, *random.sample(others, min(len(others), random.randint(0, 2)))]
    columns = []
    for row in rows:
        plain = _plain(book, row)
        if row is first:
            plain |= _in_one_cell(book, plain)
        if book.has("shape", "groups") and (row is first or random.random() < 0.5):
            columns += _group(book, row, plain)
        else:
            columns.append(Column("value", (row["name_vi"],), row["name_en"], plain))
    _write_otherwise(book, [column.measure for column in columns])
    return columns


def has_own_units(book: Book) -> bool:
    """Whether each measure may have a unit of its own."""
    in_row = book.has("shape", "long", "long_full", "indicators", "indicator_years")
    return book.has("unit_of", "measure", "header", "unit_row") or (book.has("unit_of", "column") and in_row)


def _plain(book: Book, row: dict[str, str]) -> Measure:
    label, multiplier = book.once(f"unit of {row['unit']}", lambda: _unit_label(book, row["unit"]))
    plain: Measure = {
        "indicator_code": row["indicator_code"],
        "name": row["name_vi"],
        "unit": row["unit"],
        "label": label,
        "multiplier": multiplier,
        "breakdown": {},
    }
    if book.has("kind", "targets") and not book.has("shape", "long_full"):
        said = {"comparator": book.random.choice(COMPARATORS)} if book.random.random() < 0.6 else {}
        plain["target"] = {"status": book.random.choice(TARGET_STATUSES), **said}
    if book.random.random() < 0.15 and not book.has("shape", "long", "long_full"):
        plain["basis"] = book.random.choice(bases_of(book))
    return plain


def bases_of(book: Book) -> list[str]:
    """What may be declared beside a period of this wording."""
    return {"to_date": ["point", "cumulative"], "day": ["point", "cumulative"], "year_to_date": ["ytd"]}.get(
        book.plan["period"], ["point", "period", "ytd", "cumulative"]
    )


def _in_one_cell(book: Book, first: Measure) -> Measure:
    """What a measure says of its cells where they hold more than its figure."""
    if book.has("cells", "one_part"):
        pattern, printed = book.random.choice(WITH_A_WORD)
        return {"cell": pattern, "printed": printed}
    if not book.has("cells", "rank_and_score", "rank_and_change"):
        return {}
    rows = [
        row
        for row in book.world.indicators
        if (row["unit"] != "rank" if book.has("cells", "rank_and_score") else row["indicator_code"] == RANK_CHANGE)
    ]
    one, two, printed = book.random.choice(IN_ONE_CELL)
    second = _plain(book, book.random.choice(rows)) | {"cell": two}
    return {"cell": one, "second": second, "printed": printed}


def _write_otherwise(book: Book, measures: list[Measure]) -> None:
    """Measures whose figures are written in another locale, or in words, than is declared for the sheet."""
    if book.has("locale", "per_measure"):
        other = "vi" if book.raw["number_locale"] == "en" else "en"
        for measure in book.random.sample(measures, book.random.randint(1, len(measures))):
            for each in (measure, measure.get("second")):
                if each:
                    each["number_locale"] = other
    if book.has("words", "none"):
        return
    # Which of the measures the layout speaks of, and which speak for themselves.
    is_common = book.once(
        "words are common", lambda: book.random.random() < 0.5 or book.has("shape", "long", "long_full")
    )
    for number, measure in enumerate(measures):
        measure["is_worded"] = is_common or number == 0
        if is_common and number and book.random.random() < 0.3 and not book.has("shape", "long", "long_full"):
            measure |= {"figures": "plain", "is_worded": False}
        elif not is_common and number == 0:
            measure["figures"] = "worded"
    if is_common:
        book.drawn["figures"] = "worded"


def _group(book: Book, row: dict[str, str], plain: Measure) -> list[Column]:
    """One label over the members of a dimension."""
    dimension = book.random.choice(sorted(set(book.world.members) - {*TAKEN}))
    known = book.world.members[dimension]
    members = book.random.sample(known, min(2, len(known)))
    return [
        Column(
            "value",
            (row["name_vi"], member["name_vi"]),
            f"{row['name_en']}, {member['name_en']}",
            {**deepcopy(plain), "breakdown": {dimension: member["code"]}},
        )
        for member in members
    ]


def _unit_label(book: Book, unit: str) -> tuple[str, Decimal]:
    labels = book.world.units[unit]
    wanted = [each for each in labels if (each[1] != 1) == book.has("scale", "multiplied")]
    return book.random.choice(wanted or labels)


def declared_measures(book: Book, measure: Measure, path: tuple[str, ...]) -> list[dict[str, Any]]:
    """The measures of a column as the YAML says them; the unit where columns have their own."""
    if book.has("unit_of", "header"):
        path = (f"{path[0]} ({{unit}})",)
    elif book.has("unit_of", "unit_row"):
        path = (*path, "{unit}")
    found = []
    for each in (measure, measure.get("second")):
        if each is None:
            continue
        said = {key: each[key] for key in ("number_locale", "figures", "cell", "target", "basis") if key in each}
        declared = {"column": path[0] if len(path) == 1 else list(path), **said}
        if "indicator_code" in each:
            declared["indicator_code"] = each["indicator_code"]
        if each["breakdown"]:
            declared["breakdown"] = dict(each["breakdown"])
        if book.has("unit_of", "measure"):
            declared["unit"] = each["label"]
        found.append(declared)
    return found


def other_unit(book: Book, measure: Measure) -> Measure:
    """The measure with another label of its unit, of the same or another multiple."""
    label, multiplier = book.random.choice(book.world.units[measure["unit"]])
    return {**measure, "label": label, "multiplier": multiplier}

"""Views for BI tools inside a release, over its own tables: what adds up is a number, what does not cannot be added.

They name their tables as `main.…` and no database, so they work under whatever name the file is attached. A ratio,
score or rank is a UNION of one member: it shows, sorts and has a maximum, but the engine has no sum or average of it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.content import TABLE_KEYS, identifier, main_tables
from warehouse.sql import quoted

if TYPE_CHECKING:
    import duckdb

_FOLDER = Path(__file__).parent / "views"
_PERIOD_TYPES = {"month": "tháng", "quarter": "quý", "year": "năm"}
# Columns of the wide views before those of the indicators: expression and comment.
_WIDE_KEYS = {
    "boundary_set": ("centre.boundary_set", "Set of provinces (64, 63, 34): choose one."),
    "province_id": ("centre.province_id", "Area id."),
    "province_vi": ("provinces.name_vi", "Tên tỉnh."),
    "province_en": ("provinces.name_en", "Name of the province."),
    "region_vi": ("provinces.region_vi", "Vùng."),
    "sort_vi": ("provinces.sort_vi", "Sorts provinces as a Vietnamese reader expects."),
    "period_id": ("centre.period_id", "Period."),
    "period_vi": ("periods.label_vi", "Kỳ."),
    "period_en": ("periods.label_en", "Label of the period."),
    "end_date": ("periods.end_date", "Last day of the period."),
    "year": ("periods.year", "Year of the period."),
}


def create_views(connection: "duckdb.DuckDBPyConnection") -> list[str]:
    """Makes all views in schema `main` of the connection's own database, each with its comments.

    The wide views have one column per row of `dim_indicators`: a new indicator is a new column and no new SQL.

    Returns:
        Their names; none where the database does not hold the whole star.
    """
    import yaml  # a night with nothing to do imports this module and makes no views

    own = str(connection.execute("select current_database()").fetchall()[0][0])
    if not set(TABLE_KEYS) <= set(main_tables(connection, own)):
        return []
    connection.begin()  # one write to the disk, not one per comment
    names = []
    for file in sorted(_FOLDER.glob("*.yml")):
        said = yaml.safe_load(file.read_text(encoding="utf-8"))
        sql = file.with_suffix(".sql").read_text(encoding="utf-8")
        names.append(_create(connection, file.stem, sql, said["description"], said["columns"]))
    indicators = _indicator_columns(connection)
    comments = {name: text for name, (_, text) in _WIDE_KEYS.items()} | {name: text for name, _, text in indicators}
    for period_type, period_vi in _PERIOD_TYPES.items():
        description = (
            f"One row per province of every boundary set and {period_type}, one column per indicator (Mỗi tỉnh một "
            f"dòng cho mỗi {period_vi}). What adds up over provinces of one set is a number; ratios, scores and ranks "
            "are not."
        )
        sql = _wide_sql(period_type, indicators)
        names.append(_create(connection, f"v_indicator_wide_{period_type}", sql, description, comments))
    connection.commit()
    return names


def _indicator_columns(connection: "duckdb.DuckDBPyConnection") -> list[tuple[str, str, str]]:
    """Name, expression and comment of the column of every indicator, by the catalogue's own rule."""
    columns = []
    for code, name_vi, name_en, unit, area_rule, time_rule in connection.execute(
        "select indicator_code, name_vi, name_en, unit, area_rule, time_rule from main.dim_indicators order by 1"
    ).fetchall():
        value = f"max(case when centre.indicator_code = {quoted(code)} then centre.value end)"
        if area_rule == "sum":
            rule = "Adds up over provinces of one set" + (
                " and over periods." if time_rule == "sum" else ", never over periods."
            )
        else:
            # a cast: a view with the named argument of union_value() cannot be read by DuckDB 2
            value = f"case when {value} is not null then cast({value} as union(value decimal(28, 10))) end"
            rule = "Never added or averaged; `.value` is the number."
        name = f"{code}_value" if code in _WIDE_KEYS else code
        columns.append((name, value, f"{name_vi} | {name_en} [{unit}]. {rule}"))
    return columns


def _wide_sql(period_type: str, indicators: list[tuple[str, str, str]]) -> str:
    keys = {name: expression for name, (expression, _) in _WIDE_KEYS.items()}
    chosen = [f"{expression} as {identifier(name)}" for name, expression in keys.items()]
    chosen += [f"{expression} as {identifier(name)}" for name, expression, _ in indicators]
    return f"""
        select {", ".join(chosen)}
        from main.fct_indicator_values as centre
        inner join main.dim_provinces as provinces on centre.province_id = provinces.province_id
        inner join main.dim_periods as periods on centre.period_id = periods.period_id
        where centre.area_level = 'province'
            and periods.period_type = {quoted(period_type)} and periods.calendar = 'calendar'
        group by {", ".join(keys.values())}
    """


def _create(
    connection: "duckdb.DuckDBPyConnection", name: str, sql: str, description: str, columns: dict[str, str]
) -> str:
    view = f"main.{identifier(name)}"
    connection.execute(f"create view {view} as {sql}")
    connection.execute(f"comment on view {view} is {quoted(description)}")
    for column, text in columns.items():
        connection.execute(f"comment on column {view}.{identifier(column)} is {quoted(text)}")
    return name

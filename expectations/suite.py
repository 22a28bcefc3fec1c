"""Suites: YAML to rules, and rules to a Great Expectations suite for one load.

Reading and binding need no Great Expectations; only `to_gx` imports it.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from expectations.report import LoadFacts, OnFail, Severity

SUITES_DIR = Path(__file__).parent / "suites"
QUERY = "unexpected_rows_expectation"

_FACT = re.compile(r"\$facts\.([a-z_]+)")


class SuiteError(Exception):
    """A suite file is missing or wrong; the message names the file and the place in it."""


@dataclass(frozen=True)
class Column:
    """A column worked out from the row (DuckDB expression) before the rules run."""

    name: str
    sql: str


@dataclass(frozen=True)
class Rule:
    """One rule of a suite, as written; `suite_schema.json` explains every field."""

    name: str
    why: str
    severity: Severity
    on_fail: OnFail
    tolerated_share: float | None
    rule_vi: str
    rule_en: str
    row_vi: str
    row_en: str
    reason_code: str
    field: str
    needs: str | None
    elements: str | None
    expectation: str
    kwargs: Mapping[str, Any]
    is_invariant: bool = False

    @property
    def is_query(self) -> bool:
        """Whether the rule is a query of its own rather than an expectation on columns or the table."""
        return self.expectation == QUERY


@dataclass(frozen=True)
class Suite:
    """Rules of one shape in the order they are applied, and the columns they are written on.

    `is_large`: loads of this shape have millions of rows; the rules see `row_no` and the worked-out columns only.
    """

    shape: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    is_large: bool = False


@cache
def load_suite(shape: str, suites_dir: Path = SUITES_DIR) -> Suite:
    """Read `<suites_dir>/<shape>.yml` with the files it includes.

    Raises:
        SuiteError: No such suite, a file that breaks the schema, two rules of one name, or a reject_rows rule without
            a tolerance.
    """
    top = _read_yaml(suites_dir / f"{shape}.yml")
    parts = [_read_yaml(suites_dir / name) for name in top.get("include", [])] + [top]
    default_share = top.get("tolerated_share", {}).get("share")
    columns = tuple(Column(column["name"], column["sql"]) for part in parts for column in part.get("columns", []))
    rules = tuple(_rule(raw, default_share) for part in parts for raw in part["rules"])
    for kind, names in (("column", [c.name for c in columns]), ("rule", [r.name for r in rules])):
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise SuiteError(f"{shape}.yml: {kind} {', '.join(repeated)} is written more than once")
    for rule in rules:
        if rule.on_fail == "reject_rows" and rule.tolerated_share is None:
            raise SuiteError(f"{shape}.yml: rule {rule.name} rejects rows and needs a tolerated_share")
    return Suite(shape, columns, rules, bool(top.get("large", False)))


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((Path(__file__).parent / "suite_schema.json").read_text(encoding="utf-8"))
    return schema


def _read_yaml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.yml")))
        raise SuiteError(f"There is no suite {path}; known here: {known or 'none'}")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        jsonschema.validate(content, _schema())
    except yaml.YAMLError as error:
        raise SuiteError(f"{path}: not readable as YAML: {error}") from error
    except jsonschema.ValidationError as error:
        raise SuiteError(f"{path}: {error.json_path}: {error.message}") from error
    return dict(content)


def _rule(raw: Mapping[str, Any], default_share: float | None) -> Rule:
    share = raw.get("tolerated_share", {}).get("share", default_share) if raw["on_fail"] == "reject_rows" else None
    return Rule(
        name=raw["name"],
        why=raw["why"],
        severity=raw["severity"],
        on_fail=raw["on_fail"],
        tolerated_share=share,
        rule_vi=raw["rule_vi"],
        rule_en=raw["rule_en"],
        row_vi=raw.get("row_vi", raw["rule_vi"]),
        row_en=raw.get("row_en", raw["rule_en"]),
        reason_code=raw["reason_code"],
        field=raw["field"],
        needs=raw.get("needs"),
        elements=raw.get("elements"),
        expectation=raw["expectation"],
        kwargs=raw["kwargs"],
        is_invariant=raw.get("invariant", False),
    )


def applies(rule: Rule, facts: LoadFacts) -> bool:
    """Whether the load has the fact the rule needs."""
    return rule.needs is None or bool(_fact(facts, rule.needs))


def bind_sql(sql: str, facts: LoadFacts) -> str:
    """Replace each `$facts.<name>` of a query by its SQL literal."""
    return _FACT.sub(lambda match: sql_literal(_fact(facts, match[1])), sql)


def bind_kwargs(kwargs: Mapping[str, Any], facts: LoadFacts) -> dict[str, Any]:
    """Arguments of an expectation with the values of the load in the place of `$facts.<name>`."""
    return {key: _bind(value, facts) for key, value in kwargs.items()}


def _bind(value: Any, facts: LoadFacts) -> Any:
    if isinstance(value, dict) and set(value) == {"share", "of"}:
        # Rounded first: 0.8 * 700 is 560.0000000000001 in binary and would ask for 561 rows.
        return math.ceil(round(_bind(value["share"], facts) * _bind(value["of"], facts), 6))
    if isinstance(value, str) and (match := _FACT.fullmatch(value)):
        fact = _fact(facts, match[1])
        return list(fact) if isinstance(fact, tuple) else fact
    return bind_sql(value, facts) if isinstance(value, str) else value


def _fact(facts: LoadFacts, name: str) -> Any:
    if not hasattr(facts, name):
        raise SuiteError(f"A suite names $facts.{name}, which a load does not have")
    return getattr(facts, name)


def sql_literal(value: Any) -> str:
    """A Python value as DuckDB literal; sequences become lists of text, files their names for `read_parquet`."""
    if value is None:
        return "null"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    if isinstance(value, Path):  # DuckDB reads glob signs in a path as patterns; a home folder may hold some
        return sql_literal("".join(f"[{char}]" if char in "*?[" else char for char in str(value)))
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, Sequence):
        return "cast([" + ", ".join(sql_literal(item) for item in value) + "] as varchar[])"
    raise SuiteError(f"A suite names a value of type {type(value).__name__}, which has no SQL literal")


def to_gx(rules: Sequence[Rule], facts: LoadFacts) -> Any:
    """A Great Expectations suite of the rules, each expectation marked with its `check_name` in `meta`.

    Imports Great Expectations.
    """
    import great_expectations as gx

    # Handed over as a list: add_expectation silently drops one that equals another but for its meta, such as two
    # limits on the number of rows that happen to be the same number for this load.
    return gx.ExpectationSuite(name="load", expectations=[_expectation(rule, facts) for rule in rules])


def _expectation(rule: Rule, facts: LoadFacts) -> Any:
    kwargs = bind_kwargs(rule.kwargs, facts)
    if rule.is_query:
        kwargs["unexpected_rows_query"] = _for_gx(kwargs["unexpected_rows_query"])
    return _expectation_class(rule)(**kwargs, severity=rule.severity, meta={"check_name": rule.name})


def _expectation_class(rule: Rule) -> Any:
    import great_expectations.expectations as gxe

    name = "".join(word.capitalize() for word in rule.expectation.split("_"))
    if not hasattr(gxe, name):
        raise SuiteError(f"Rule {rule.name}: Great Expectations has no {rule.expectation}")
    return getattr(gxe, name)


def _for_gx(query: str) -> str:
    """Escape what Great Expectations and SQLAlchemy would read as placeholders: braces (all but `{batch}`), `:name`."""
    braces = query.replace("{", "{{").replace("}", "}}").replace("{{batch}}", "{batch}")
    return re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", braces)

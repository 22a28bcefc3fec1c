"""The results of dbt's data tests as rows of `audit_checks`: which table, what holds in words, how it came out.

The words are the project's: a test's own description and `rule_vi`, else those of the macro it is an instance of.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from warehouse.build_checks import MODEL
from warehouse.sql import Row

# severity of dbt: that of ours, and what follows a failure
_FOLLOWS = {"error": ("critical", "stop_build"), "warn": ("warning", "warn")}


def results_of_tests(results: Sequence[Any], manifest: Mapping[str, Any]) -> Iterator[Row]:
    """The results of the data tests that were run; one that was skipped has none.

    Args:
        results: dbt's results of a build, of all kinds of nodes.
        manifest: the project's manifest as JSON.
    """
    for each in results:
        node = manifest["nodes"][each.node.unique_id]
        if node["resource_type"] == "test" and each.status != "skipped":
            yield {**rule_of(node, manifest), **_outcome(str(each.status), each.failures, each.message)}


def rule_of(test: Mapping[str, Any], manifest: Mapping[str, Any]) -> Row:
    """What a test says of which table: the columns of `audit_checks` that are the same in every build.

    Raises:
        KeyError: neither the test nor its macro has words in Vietnamese.
    """
    kind = test.get("test_metadata")
    columns = ", ".join(_columns(kind["kwargs"])) if kind else ""
    told = _told(test, manifest["macros"])
    severity, on_fail = _FOLLOWS[test["config"]["severity"].lower()]
    return {
        "subject_type": MODEL,
        "subject_id": _model(test, manifest["nodes"]),
        "check_name": f"{kind['name']}({columns})" if kind else test["name"],
        "rule_vi": told["config"]["meta"]["rule_vi"] + (f" Cột: {columns}." if kind else ""),
        "rule_en": told["description"] + (f" Columns: {columns}." if kind else ""),
        "severity": severity,
        "on_fail": on_fail,
    }


def _told(test: Mapping[str, Any], macros: Mapping[str, Any]) -> Mapping[str, Any]:
    """The test where it is described itself, else its macro."""
    return test if test["description"] else macros[test["depends_on"]["macros"][0]]


def _model(test: Mapping[str, Any], nodes: Mapping[str, Any]) -> str:
    attached = test.get("attached_node")
    return str(nodes[attached]["name"] if attached else test["config"]["meta"]["dagster"]["ref"]["name"])


def _columns(arguments: Mapping[str, Any]) -> list[str]:
    told = arguments.get("columns") or arguments.get("keys") or [arguments["column_name"]]
    return [each["column"] if isinstance(each, dict) else each for each in told]


def _outcome(status: str, failures: int | None, message: str | None) -> Row:
    """How a test came out; dbt counts the rows that break a rule, and not those it looked at."""
    errored = status == "error"
    return {
        "success": status == "pass",
        "errored": errored,
        "observed": f"không chạy được / could not run: {message}"[:300] if errored else str(failures),
        "unexpected_count": None if errored else failures,
        "element_count": None,
    }

"""An explanation as a tree in the terminal."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from warehouse.canonical import utc_time
from warehouse.explain.words import number_text, say

_SCORES_SHOWN = 3  # of the areas of a ranking, on both sides of the place


def print_explanation(told: Mapping[str, Any], language: str) -> None:
    """Print the number, the tree behind it, and what else is to be known."""
    from rich.console import Console

    from orchestration.console import FILE_WIDTH

    console = Console()
    console = console if console.is_terminal else Console(width=FILE_WIDTH)
    for line in headline(told, language):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if told["tree"]:
        console.print(_tree(told, told["tree"], language), highlight=False)
    for ranking in told["rankings"]:
        console.print(_ranking(told, ranking, language), highlight=False)
    for line in (*_targets(told, language), *_earlier(told, language), *_absence(told, language)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def headline(told: Mapping[str, Any], language: str) -> Iterator[str]:
    """The number, whether its cells make it, and the release it stands in."""
    area, indicator, period = told["province"], told["indicator"], told["period"]
    yield (
        f"{area[f'name_{language}']} ({area['province_id']}) · {indicator[f'name_{language}']} "
        f"({indicator['indicator_code']}) · {period[f'label_{language}']} ({period['period_id']})"
    )
    row = told["published"]
    if row:
        value = (
            say("label", "no_value", language) if row["value"] is None else f"{row['shown'][language]} {row['unit']}"
        )
        yield f"{say('label', 'published', language)}: {value} · {row['method']} · {told['recomputed_name'][language]}"
    for each in told["differences"]:
        yield f"  {each['column']}: {each['published']} ≠ {each['recomputed']}"
    release = told["release"]
    as_of = told["asked"]["as_of"]
    told_as_of = f" · {say('label', 'as_of', language)} {as_of:%Y-%m-%d %H:%M} UTC" if as_of else ""
    yield f"{say('label', 'release', language)} {release['release_id']}{told_as_of}"
    if release["code_version"] != release["code_version_now"]:
        versions = {"then": release["code_version"], "now": release["code_version_now"]}
        yield say("label", "code_differs", language, **versions)
    if told["asked"]["also_meant"]:
        yield f"{say('label', 'also_meant', language)}: {', '.join(told['asked']['also_meant'])}"


def title(told: Mapping[str, Any], node: Mapping[str, Any], language: str) -> str:
    """One line: what, where, when, how much, how."""
    names = told["names"]
    area = names["provinces"][node["province_id"]][language]
    indicator = names["indicators"][node["indicator_code"]][language]
    breakdown = "" if node["breakdown"] == "total" else f" [{node['breakdown']}]"
    unit = node["unit"] if node["value"] is not None else None
    value = " ".join(each for each in (node["shown"][language], unit) if each)
    marks = ", ".join(each for each in (node["method"], node["status"], node["qualifier"]) if each)
    return f"{indicator}{breakdown} · {area} ({node['province_id']}) · {node['period_id']} = {value} ({marks})"


def details(told: Mapping[str, Any], node: Mapping[str, Any], language: str) -> Iterator[tuple[str, str]]:
    """Label and text of all that is known of a node itself."""
    yield "", node["rule"][language]
    if node["facts"].get("rule_reason"):
        yield say("label", "legal_basis", language), node["facts"]["rule_reason"]
    if node["formula"][language]:
        yield say("label", "formula", language), node["formula"][language]
    if node["reason"]:
        yield node["reason_code"], node["reason"][language]
    if node["cell"]:
        yield from _cell(told, node, language)
    counts = node["facts"].get("counts") or node["facts"].get("dossiers_by_days")
    if counts:
        yield node["source_id"], ", ".join(f"{name}: {count}" for name, count in counts.items())
    for each in node.get("lines") or ():
        yield say("label", "file", language), _lines_text(each, language)


def _lines_text(lines: Mapping[str, Any], language: str) -> str:
    """A file of a log, how many of its lines count there, and the first of them."""
    shown = [" ".join(str(part) for part in line.values() if part is not None) for line in lines["first_lines"]]
    count = f"{lines['line_count']} {say('label', 'lines', language)}"
    first = f"{say('label', 'first_lines', language)}: {'; '.join(shown)}"
    return f"{lines['file_name']} · sha256 {lines['file_sha256']} · {count} · {first}"


def _cell(told: Mapping[str, Any], node: Mapping[str, Any], language: str) -> Iterator[tuple[str, str]]:
    cell, load, source = node["cell"], told["loads"][node["load_id"]], told["sources"][node["source_id"]]
    printed = f" · {say('label', 'printed', language)} “{cell['value_text']}”" if cell["value_text"] is not None else ""
    yield say("label", "cell", language), f"{cell['sheet'] or ''}!{cell['cell']}{printed}{_times(cell, language)}"
    if cell["quote"]:
        yield say("label", "quote", language), cell["quote"]
    if node.get("correction"):
        yield say("label", "correction", language), correction_text(node["correction"], language)
    purged = "" if load.get("is_in_landing", True) else f" {say('label', 'purged', language)}"
    yield say("label", "file", language), f"{load['file_name']} · sha256 {load['file_sha256']}{purged}"
    yield (
        say("label", "load", language),
        f"{load['load_id']} · {say('label', 'received', language)} {utc_time(load['received_at']):%Y-%m-%d %H:%M} UTC",
    )
    basis = f" · {say('label', 'legal_basis', language)}: {source['legal_basis']}" if source["legal_basis"] else ""
    yield say("label", "source", language), f"{source['publisher'] or source['source_id']}: {source['title']}{basis}"


def _times(cell: Mapping[str, Any], language: str) -> str:
    """What the printed number is multiplied by; or that it is not the one of the row."""
    if cell["is_read_alike"] is False:
        return f" · {say('label', 'read_otherwise', language)}"
    return "" if cell["multiplier"] in (None, "1") else f" × {number_text(Decimal(cell['multiplier']), language)}"


def correction_text(correction: Mapping[str, Any], language: str) -> str:
    """What was corrected, why and by whom, as one line."""
    return (
        f"{correction['id']} ({correction['action']}): {say('label', 'before', language)} “{correction['before']}”, "
        f"{say('label', 'after', language)} {correction['after']}; {correction['reason'][language]} "
        f"({say('label', 'who', language)}: {correction['who'] or '—'})"
    )


def apart_text(other: Mapping[str, Any], language: str) -> str:
    """By how much what lost differs; empty where one of the two has no number."""
    if other["difference"] is None:
        return ""
    return f"{say('label', 'difference', language)} {number_text(Decimal(other['difference']), language)}"


def role_text(part: Mapping[str, Any], language: str) -> str:
    """Role of a part, with its weight or how much older it is."""
    told = [part["role_name"][language]]
    if part["weight"] is not None:
        told.append(f"{say('label', 'weight', language)} {number_text(Decimal(part['weight']), language)}")
    if part["facts"].get("reason"):
        told.append(part["facts"]["reason"])
    if part["facts"].get("age_years"):
        told.append(f"{say('label', 'age_years', language)}: {part['facts']['age_years']}")
    return ", ".join(told)


def _tree(told: Mapping[str, Any], node: Mapping[str, Any], language: str, label: str = "") -> Any:
    from rich.text import Text
    from rich.tree import Tree

    branch = Tree(Text(f"{label}{title(told, node, language)}", style="bold"))
    for name, text in details(told, node, language):
        branch.add(Text(f"{name}: {text}" if name else text, style="dim" if not name else ""))
    for part in node["parts"]:
        branch.children.append(_tree(told, part["node"], language, f"{role_text(part, language)}: "))
    if node["others"]:
        others = branch.add(Text(say("label", "others", language), style="italic"))
        for each in node["others"]:
            apart = apart_text(each, language)
            others.children.append(_tree(told, each["node"], language, f"{apart}: " if apart else ""))
    return branch


def _ranking(told: Mapping[str, Any], ranking: Mapping[str, Any], language: str) -> Any:
    from rich.text import Text
    from rich.tree import Tree

    row = ranking["published"] or {}
    place = f"{row.get('rank', ranking['rank'])} {say('label', 'rank_of', language)} {row.get('rank_of') or '—'}"
    verdict = say("recomputed", ranking["recomputed"], language)
    branch = Tree(
        Text(f"{say('label', 'rankings', language)}: {place} · {ranking['method']} · {verdict}", style="bold")
    )
    branch.add(Text(ranking["rule"][language], style="dim"))
    for each in ranking["differences"]:
        branch.add(Text(f"{each['column']}: {each['published']} ≠ {each['recomputed']}"))
    for each in near_place(ranking):
        branch.add(Text(f"{each['role_name'][language]}: {title(told, each['node'], language)}"))
    return branch


def near_place(ranking: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The figures of a ranking that are shown: of a long one those around the place; `--json` has all."""
    figures = ranking["figures"]
    if len(figures) <= 2 * _SCORES_SHOWN + 1:
        return list(figures)
    return list(figures[max(0, ranking["rank"] - 1 - _SCORES_SHOWN) : ranking["rank"] + _SCORES_SHOWN])


def target_text(target: Mapping[str, Any], language: str) -> str:
    """A target with its cell and how far the value is from it."""
    bounds = "–".join(each for each in (target["value"], target["value_upper"]) if each is not None)
    gap = f" · {say('label', 'gap', language)} {target['gap']}" if target["gap"] is not None else ""
    note = f" · {target[f'note_{language}']}" if target[f"note_{language}"] else ""
    where = f"{target['source_id']}, {target['load_id']}, {target['sheet'] or ''}!{target['cell']}"
    asked = f"{target['period_id']} {target['comparator']} {bounds} {target['unit'] or ''} [{target['breakdown']}]"
    return f"{asked}{gap}{note} · {where}"


def _targets(told: Mapping[str, Any], language: str) -> Iterator[str]:
    for target in told["targets"]:
        yield f"{say('label', 'targets', language)}: {target_text(target, language)}"


def _earlier(told: Mapping[str, Any], language: str) -> Iterator[str]:
    for each in told["earlier"]:
        yield f"{say('label', 'earlier', language)}: {earlier_text(each)}"


def earlier_text(row: Mapping[str, Any]) -> str:
    """A vintage that counts no more."""
    return (
        f"{row['value']} [{row['breakdown']}, {row['basis']}] · {row['source_id']}, {row['load_id']}, "
        f"{row['sheet'] or ''}!{row['cell']} · {row['known_from']} – {row['known_to']}"
    )


def _absence(told: Mapping[str, Any], language: str) -> Iterator[str]:
    if told["absence"]:
        yield f"{say('label', 'absence', language)}:"
    for each in told["absence"]:
        yield f"  - {each['reason'][language]}"

"""Charts of the pages: SVG drawn when a page is made, without script, coloured by the style sheet of the site."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from markupsafe import Markup

if TYPE_CHECKING:
    from pygal.graph.graph import Graph

_SVG = "{http://www.w3.org/2000/svg}"


def stacked_bars(
    title: str,
    labels: Sequence[str],
    series: Mapping[str, tuple[str, Sequence[int]]],
    number: Callable[[float], str],
    *,
    horizontal: bool = False,
) -> Markup:
    """One bar per label, made of the parts that the series give.

    Args:
        title: what is shown, for those who cannot see it.
        labels: of the bars, in order.
        series: style (a class of the style sheet) to name and one number per label; parts without any are left out.
        number: prints a number.
        horizontal: bars from left to right, for labels that are long.
    """
    import pygal

    told = {style: part for style, part in series.items() if any(part[1])}
    kind = pygal.HorizontalStackedBar if horizontal else pygal.StackedBar
    height = max(120, 26 * len(labels) + 90) if horizontal else 300
    chart = kind(height=height, **_settings(len(labels), len(told), number))
    # bars from left to right are drawn upwards: the first label would come last
    order = slice(None, None, -1) if horizontal else slice(None)
    chart.x_labels = list(labels)[order]
    if not horizontal:
        _thin_out(chart, labels)
    # what is counted is whole: the library would draw lines between, and print them rounded
    stacks = zip(*(part[1] for part in told.values()), strict=True)
    chart.y_labels = _whole_steps(max(map(sum, stacks), default=0))
    for name, values in told.values():
        chart.add(name, list(values)[order])
    return _as_markup(chart, title, list(told))


def lines_of_shares(
    title: str,
    labels: Sequence[str],
    series: Mapping[str, tuple[str, Sequence[float | None]]],
    share: Callable[[float], str],
) -> Markup:
    """One line per series over the labels, on an axis that always reaches from 0 to 1.

    Args:
        title: what is shown, for those who cannot see it.
        labels: of the points, in order.
        series: style (a class of the style sheet) to name and one share per label; the line stops where there is none.
        share: prints a share.
    """
    import pygal

    chart = pygal.Line(height=240, margin_right=30, range=(0, 1), allow_interruptions=True, dots_size=3,
                       **_settings(len(labels), len(series), share))  # fmt: skip
    chart.x_labels = list(labels)
    _thin_out(chart, labels)
    chart.y_labels = [0, 0.25, 0.5, 0.75, 1]
    for name, values in series.values():
        chart.add(name, list(values))
    return _as_markup(chart, title, list(series))


def _settings(labels: int, parts: int, number: Callable[[float], str]) -> dict[str, Any]:
    """What all charts have in common."""
    return {
        "js": (), "css": (), "no_prefix": True, "width": 760, "margin": 6, "spacing": 14, "truncate_label": 40,
        "legend_at_bottom": True, "legend_at_bottom_columns": parts, "legend_box_size": 12, "truncate_legend": -1,
        "show_minor_x_labels": labels <= 12, "x_label_rotation": 0,
        "value_formatter": number, "no_data_text": "", "style": _style(),
    }  # fmt: skip


def _thin_out(chart: "Graph", labels: Sequence[str]) -> None:
    """Of many labels below a chart only some are printed."""
    if len(labels) > 12:
        chart.x_labels_major_every = -(-len(labels) // 8)


def _whole_steps(top: int) -> list[int]:
    """At most seven whole numbers from 0 to the greatest or beyond: in ones, twos, fives, tens and so on."""
    step = next(each * 10**power for power in count() for each in (1, 2, 5) if each * 10**power * 6 >= top)
    return list(range(0, top + step, step))


def _style() -> object:
    from pygal.style import Style

    return Style(font_family="sans-serif", label_font_size=12, major_label_font_size=12, legend_font_size=13)


def _as_markup(chart: "Graph", title: str, styles: Sequence[str]) -> Markup:
    """The drawing without what the library adds of its own: script, styles, comments with the day, ids."""
    root = chart.render_tree()
    parents = {child: parent for parent in root.iter() for child in parent}
    for element in list(root.iter()):
        if _is_extra(element):
            parents[element].remove(element)
            continue
        element.attrib.pop("id", None)
        element.set("class", _with_style(element.get("class", ""), styles))
    for mark in [each for each in root.iter() if {"bar", "dots"} & set(each.get("class", "").split())]:
        _tell_on_hover(mark)
    root.attrib.update({"role": "img", "aria-label": title, "class": "chart"})
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _is_extra(element: ElementTree.Element) -> bool:
    """Comments, styles and script, and the empty layers that the script would fill; one holds the points of lines."""
    if not isinstance(element.tag, str):
        return True
    is_layer = "overlay" in element.get("class", "").replace("-", " ").split()
    has_points = any(str(each.tag).removeprefix(_SVG) == "circle" for each in element.iter())
    return (is_layer and not has_points) or element.tag.removeprefix(_SVG) in ("defs", "title", "style")


def _with_style(classes: str, styles: Sequence[str]) -> str:
    """Numbered colours get the style's name: a part has its colour whatever other parts there are."""
    names = {f"color-{number}": f"part-{style}" for number, style in enumerate(styles)}
    return " ".join(names.get(each, each) for each in classes.split())


def _tell_on_hover(mark: ElementTree.Element) -> None:
    told = {each.get("class", ""): each.text or "" for each in mark if each.tag.endswith("desc")}
    for each in [each for each in mark if each.tag.endswith("desc")]:
        mark.remove(each)
    text = ElementTree.SubElement(mark, "title")
    text.text = ": ".join(filter(None, (told.get("x_label", ""), told.get("value", ""))))

"""Charts of the pages: SVG drawn when a page is made, without script, coloured by the style sheet of the site."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING
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
    chart = kind(
        js=(), css=(), no_prefix=True, width=760, height=height, margin=6, spacing=14, truncate_label=40,
        legend_at_bottom=True, legend_at_bottom_columns=len(told), legend_box_size=12, truncate_legend=-1,
        show_minor_x_labels=len(labels) <= 12, x_label_rotation=0,
        value_formatter=number, no_data_text="", style=_style(),
    )  # fmt: skip
    # bars from left to right are drawn upwards: the first label would come last
    order = slice(None, None, -1) if horizontal else slice(None)
    chart.x_labels = list(labels)[order]
    if not horizontal and len(labels) > 12:
        chart.x_labels_major_every = -(-len(labels) // 8)
    # what is counted is whole: the library would draw lines between, and print them rounded
    stacks = zip(*(part[1] for part in told.values()), strict=True)
    chart.y_labels = _whole_steps(max(map(sum, stacks), default=0))
    for name, values in told.values():
        chart.add(name, list(values)[order])
    return _as_markup(chart, title, list(told))


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
    for bar in [each for each in root.iter() if "bar" in each.get("class", "").split()]:
        _tell_on_hover(bar)
    root.attrib.update({"role": "img", "aria-label": title, "class": "chart"})
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _is_extra(element: ElementTree.Element) -> bool:
    """Comments, styles and script, and the empty layers that the script would fill."""
    if not isinstance(element.tag, str):
        return True
    return element.tag.removeprefix(_SVG) in ("defs", "title", "style") or "overlay" in element.get("class", "")


def _with_style(classes: str, styles: Sequence[str]) -> str:
    """Numbered colours get the style's name: a part has its colour whatever other parts there are."""
    names = {f"color-{number}": f"part-{style}" for number, style in enumerate(styles)}
    return " ".join(names.get(each, each) for each in classes.split())


def _tell_on_hover(bar: ElementTree.Element) -> None:
    told = {each.get("class", ""): each.text or "" for each in bar if each.tag.endswith("desc")}
    for each in [each for each in bar if each.tag.endswith("desc")]:
        bar.remove(each)
    text = ElementTree.SubElement(bar, "title")
    text.text = ": ".join(filter(None, (told.get("x_label", ""), told.get("value", ""))))

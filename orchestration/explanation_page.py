"""An explanation as one page: Vietnamese with an English switch, nothing asked from outside, made to be printed."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from orchestration import explanation_text
from warehouse.explain.words import LANGUAGES, say


def page_of(told: Mapping[str, Any], language: str) -> str:
    """The page, shown in a language at first."""
    return str(_template().render(told=told, first=language, languages=LANGUAGES, text=explanation_text, say=say))


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("explanation_page.html.jinja")

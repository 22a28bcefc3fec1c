"""`sotinh explain`: from a published number back to file, sheet and cell."""

from datetime import UTC, datetime
from pathlib import Path

import click

from orchestration.cli import LANGUAGE, command, open_existing
from orchestration.console import print_json


@click.command()
@click.argument("province")
@click.argument("indicator")
@click.argument("period")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write one self-contained page.")
@click.option("--asof", "when", metavar="DATE", help="The number as users read it on DATE: a day, or a time.")
@command
def explain(
    folder: Path | None, as_json: bool, province: str, indicator: str, period: str, page: Path | None, when: str | None
) -> None:
    """Lead the published number of PROVINCE, INDICATOR and PERIOD back to its cells, and work it out again from them.

    PROVINCE is an id (P34-25), a name with or without accents, or a code, in the boundaries of the period; INDICATOR a
    code or a name; PERIOD an id (2022-Q3) or as written in Vietnamese (Quý III/2022). Where there is no value the
    answer says why.
    """
    from ingestion.asked import Unclear
    from orchestration.explaining import explain_asked, open_star, read_question
    from orchestration.explanation_page import page_of
    from orchestration.explanation_text import print_explanation
    from warehouse.as_of import moment_of

    now = datetime.now(UTC)
    home = open_existing(folder)
    language = click.get_current_context().meta[LANGUAGE]
    try:
        moment = moment_of(when, now) if when else None
        asked = read_question(home, province, indicator, period)
    except Unclear as error:
        raise click.UsageError(getattr(error, language)) from error
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    with open_star(home, moment) as (star, release):
        told = explain_asked(home, star, release, asked, moment)
    if page:
        page.write_text(page_of(told, language), encoding="utf-8")
    if as_json:
        print_json(told)
    else:
        print_explanation(told, language)

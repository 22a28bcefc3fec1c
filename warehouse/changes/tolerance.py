"""When a build must wait for a person: changes nothing explains, revisions and deletions beyond what is tolerated."""

from typing import TYPE_CHECKING

from warehouse.changes.compare import UNEXPLAINED, Compared
from warehouse.settings import Settings

if TYPE_CHECKING:
    import duckdb

# Measured on what sources state: a derived figure would count one revision many times.
_MEASURED = """
    with figures as (
        select source_id, count(*) as figures from old.main.fct_observations where is_latest group by source_id
        union all
        select source_id, count(*) from old.main.fct_targets group by source_id
        union all
        select source_id, count(*) from old.main.fct_dossiers group by source_id
    ), before as (
        select source_id, sum(figures) as figures from figures group by source_id
    )
    select
        labelled.source_id,
        any_value(before.figures)::bigint as figures,
        count(*) filter (
            kind = 'stated' and change = 'altered' and list_contains(string_split(causes, ';'), 'source_revision')
            and value_before is distinct from value_after
        ) as revised,
        count(*) filter (
            change = 'removed' and cause = 'deletion_at_source'
            or kind = 'stated' and change = 'altered' and cause = 'deletion_at_source'
        ) as deleted,
        count(*) filter (
            kind = 'stated' and change = 'altered' and cause = 'source_revision'
            and number_before <> 0 and number_after <> 0
            and greatest(abs(number_after / number_before), abs(number_before / number_after)) >= $factor
        ) as leapt,
        min(key) filter (
            kind = 'stated' and change = 'altered' and cause = 'source_revision'
            and number_before <> 0 and number_after <> 0
            and greatest(abs(number_after / number_before), abs(number_before / number_after)) >= $factor
        ) as first_leap
    from labelled
    inner join before using (source_id)
    where table_name in ('fct_observations', 'fct_targets', 'fct_dossiers')
    group by labelled.source_id
    order by labelled.source_id
"""


def reasons_to_hold(
    connection: "duckdb.DuckDBPyConnection", compared: Compared, settings: Settings
) -> list[dict[str, str]]:
    """Why a build is not to be published without a person's word; empty where it may go out.

    Args:
        connection: where `compare` left its tables.
        compared: what it returned.
        settings: the tolerances.

    Returns:
        One row per reason: `reason_code` (one of gate_checks.yml), `reason_vi`, `reason_en`.
    """
    reasons = []
    unexplained = connection.execute(
        "select count(*), min(table_name || ' ' || key) from labelled where cause = ?", [UNEXPLAINED]
    ).fetchall()[0]
    if unexplained[0]:
        reasons.append(
            _reason(
                UNEXPLAINED,
                f"{unexplained[0]} giá trị thay đổi mà không rõ nguyên nhân, đầu tiên là {unexplained[1]}.",
                f"{unexplained[0]} values changed and nothing explains it, the first is {unexplained[1]}.",
            )
        )
    reshaped = [f"{what} {name}" for what, names in compared.schema.items() for name in names]
    if reshaped and not compared.is_other_code:
        listed = ", ".join(reshaped[:5])
        reasons.append(
            _reason(
                "schema",
                f"Cấu trúc bảng thay đổi mà mã nguồn không đổi: {listed}.",
                f"Tables have another form although the code is the same: {listed}.",
            )
        )
    measured = connection.execute(_MEASURED, {"factor": settings.revision_factor_tolerance}).fetchall()
    return reasons + [reason for row in measured for reason in _beyond(settings, *row)]


def _beyond(
    settings: Settings, source_id: str, figures: int, revised: int, deleted: int, leapt: int, first_leap: str | None
) -> list[dict[str, str]]:
    reasons = []
    if revised > max(settings.revision_count_tolerance, settings.revision_share_tolerance * figures):
        reasons.append(
            _reason(
                "revised",
                f"{source_id} sửa {revised} trong {figures} số liệu, quá mức cho phép.",
                f"{source_id} revises {revised} of {figures} figures, more than is tolerated.",
            )
        )
    if leapt:
        factor = f"{settings.revision_factor_tolerance:g}"
        reasons.append(
            _reason(
                "revised_by_factor",
                f"{source_id} sửa {leapt} số liệu từ {factor} lần trở lên, đầu tiên là {first_leap}.",
                f"{source_id} revises {leapt} figures {factor} times or more, the first is {first_leap}.",
            )
        )
    if deleted > max(settings.deletion_count_tolerance, settings.deletion_share_tolerance * figures):
        reasons.append(
            _reason(
                "deleted",
                f"{source_id} rút {deleted} trong {figures} số liệu, quá mức cho phép.",
                f"{source_id} withdraws {deleted} of {figures} figures, more than is tolerated.",
            )
        )
    return reasons


def _reason(code: str, vi: str, en: str) -> dict[str, str]:
    return {"reason_code": code, "reason_vi": vi, "reason_en": en}

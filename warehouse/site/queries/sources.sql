-- Each source with its scores, all between 0 and 1, those without loads last.
with per_load as (
    select
        loads.*,
        periods.end_date,
        date_diff('day', periods.end_date, cast(loads.received_at + interval 7 hour as date))
            as days_after
    from all_loads as loads
    left join main.dim_periods as periods on loads.last_period_id = periods.period_id
    where loads.verdict <> 'duplicate'
),

scores as (
    select
        source_id,
        count(*) as loads,
        count(*) filter (where is_open) as open_loads,
        count(*) filter (where verdict not in ('quarantined', 'failed')) / count(*) as load_score,
        cast(sum(rows_read) as bigint) as rows_read,
        cast(sum(rows_rejected) as bigint) as rows_rejected,
        1 - sum(rows_rejected) / nullif(sum(rows_read), 0) as row_score,
        median(days_after) filter (where days_after >= 0) as days_after,
        max(received_at) as last_received_at,
        arg_max(last_period_id, end_date) as last_period_id
    from per_load
    group by source_id
),

checked as (
    select
        loads.source_id,
        count(*) filter (where checks.success and not checks.errored) / count(*) as check_score
    from all_checks as checks
    inner join
        all_loads as loads
        on checks.subject_type = 'load' and checks.subject_id = loads.load_id
    group by loads.source_id
),

sources_scored as (
    select
        sources.*,
        scores.loads,
        scores.open_loads,
        scores.load_score,
        scores.rows_read,
        scores.rows_rejected,
        scores.row_score,
        scores.days_after,
        scores.last_received_at,
        scores.last_period_id,
        checked.check_score
    from main.dim_sources as sources
    left join scores on sources.source_id = scores.source_id
    left join checked on sources.source_id = checked.source_id
)

select
    *,
    list_avg([load_score, row_score, check_score]) as score
from sources_scored
order by loads is null, source_id

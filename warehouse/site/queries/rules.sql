-- Every check of every shape, and of every table that was built, with its history; `age` 1 is the
-- newest result of all.
with results as (
    select
        checks.*,
        coalesce(loads.shape, checks.subject_type) as shape,
        case when checks.subject_type = 'model' then checks.subject_id end as model,
        loads.source_id,
        loads.last_period_id
    from all_checks as checks
    left join
        all_loads as loads
        -- with two conditions DuckDB would compare every check with every load
        on if(checks.subject_type = 'load', checks.subject_id, null) = loads.load_id
),

results_in_order as (
    select
        *,
        row_number() over (
            partition by shape, model, check_name
            order by checked_at desc, last_period_id desc, subject_id desc, run_id desc
        ) as age,
        lag(success) over (
            partition by shape, source_id, model, check_name
            order by checked_at, last_period_id, subject_id, run_id
        ) as success_before
    from results
)

select
    shape,
    model,
    check_name,
    arg_min(rule_vi, age) as rule_vi,
    arg_min(rule_en, age) as rule_en,
    arg_min(severity, age) as severity,
    arg_min(on_fail, age) as on_fail,
    count(*) as results,
    count(*) filter (where not success and not errored) as failed,
    count(*) filter (where errored) as errored,
    cast(sum(unexpected_count) as bigint) as unexpected_count,
    cast(sum(element_count) as bigint) as element_count,
    count(*) filter (where success <> success_before) / nullif(count(success_before), 0)
        as flakiness,
    max(checked_at) filter (where not success) as last_failed_at,
    list(
        case when errored then 'errored' when success then 'passed' else 'failed' end
        order by age desc
    ) filter (where age <= getvariable('results_shown')) as history,
    list(unexpected_count order by age desc) filter (where age <= getvariable('counts_shown'))
        as counts
from results_in_order
group by shape, model, check_name
order by shape, model, check_name

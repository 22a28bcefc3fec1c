with figures as (
    select * from {{ ref('int_target_figures') }}
),

-- Of two figures that end together the one of the target's own period answers, and of two areas of
-- one extent the one the target was set for.
figures_ordered as (
    select
        figures.*,
        row_number() over (
            partition by target_id
            order by
                end_date desc nulls last,
                is_own_period desc nulls last,
                start_date asc nulls last,
                case when relation = 'own' then 1 else 2 end asc nulls last,
                province_id asc nulls last,
                period_id asc nulls last
        ) as newest_first_no
    from figures
    where relation in ('own', 'unchanged')
),

target_actuals as (
    select
        target_id,
        province_id as actual_province_id,
        period_id as actual_period_id,
        value as actual_value,
        unit as actual_unit,
        status as actual_status,
        qualifier as actual_qualifier,
        decimals as actual_decimals,
        method as actual_method,
        end_date as actual_end_date,
        is_inside,
        is_at_end
    from figures_ordered
    where newest_first_no = 1
)

select * from target_actuals

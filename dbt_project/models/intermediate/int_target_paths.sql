with targets as (
    select * from {{ ref('int_targets') }}
    where base_period_id is not null
),

figures as (
    select * from {{ ref('int_target_figures') }}
    where relation in ('own', 'unchanged')
),

actuals as (
    select * from {{ ref('int_target_actuals') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

bases_ordered as (
    select
        targets.target_id,
        targets.base_period_id,
        targets.comparator,
        targets.value,
        targets.value_upper,
        target_periods.end_date as target_end_date,
        base_periods.end_date as base_end_date,
        figures.value as base_value,
        row_number() over (
            partition by targets.target_id
            order by
                case when figures.relation = 'own' then 1 else 2 end asc nulls last,
                figures.province_id asc nulls last
        ) as base_order
    from targets
    left join periods as target_periods
        on targets.period_id = target_periods.period_id
    left join periods as base_periods
        on targets.base_period_id = base_periods.period_id
    left join figures
        on
            targets.target_id = figures.target_id
            and targets.base_period_id = figures.period_id
),

-- A range is entered by the bound that lies nearer to the base.
bases as (
    select
        bases_ordered.*,
        case
            when comparator = 'range' and base_value > value_upper then value_upper
            else value
        end as aim,
        case
            when comparator in ('ge', 'gt') then base_value >= value
            when comparator in ('le', 'lt', 'top_n') then base_value <= value
            when comparator = 'range' then base_value between value and value_upper
            when comparator = 'eq' then base_value = value
        end as is_met_at_base
    from bases_ordered
    where base_order = 1
),

paths as (
    select
        bases.*,
        actuals.actual_value,
        {{ days_between('bases.base_end_date', 'actuals.actual_end_date') }} as days_passed,
        {{ days_between('bases.base_end_date', 'bases.target_end_date') }} as days_in_all
    from bases
    left join actuals
        on bases.target_id = actuals.target_id
),

paths_judged as (
    select
        paths.*,
        case
            when days_in_all is null or days_in_all <= 0 then 'base_not_before_target'
            when base_value is null then 'no_base_value'
            when is_met_at_base is null then 'no_target_value'
            when is_met_at_base then 'met_at_base'
            when actual_value is null or days_passed <= 0 then 'no_later_figure'
        end as judged_reason_code
    from paths
),

paths_drawn as (
    select
        paths_judged.*,
        case
            when judged_reason_code is null
                then
                    try_cast(
                        base_value
                        + {{ exact_ratio('((aim - base_value) * days_passed)', 'days_in_all', 1) }}
                        as decimal(28, 10)
                    )
        end as expected_value,
        case
            when judged_reason_code is null
                then {{ exact_ratio('(actual_value - base_value)', '(aim - base_value)', 1) }}
        end as progress_share
    from paths_judged
),

target_paths as (
    select
        target_id,
        base_period_id,
        base_value,
        expected_value,
        progress_share,
        case
            when aim > base_value then actual_value >= expected_value
            else actual_value <= expected_value
        end as is_on_path,
        coalesce(
            judged_reason_code,
            case when expected_value is null then 'out_of_range' end
        ) as path_reason_code
    from paths_drawn
)

select * from target_paths

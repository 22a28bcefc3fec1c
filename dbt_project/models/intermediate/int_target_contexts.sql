with targets as (
    select * from {{ ref('int_targets') }}
),

heirs as (
    select * from {{ ref('int_area_heirs') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

figures as (
    select * from {{ ref('int_target_figures') }}
),

-- The area in force when the target is due, where that is a larger one.
successors as (
    select
        targets.target_id,
        heirs.heir_id
    from targets
    inner join periods
        on targets.period_id = periods.period_id
    inner join heirs
        on targets.province_id = heirs.province_id
    where
        heirs.relation = 'merged'
        and heirs.valid_from <= periods.end_date
        and (heirs.valid_to is null or heirs.valid_to >= periods.end_date)
),

figures_ordered as (
    select
        successors.target_id,
        successors.heir_id as context_province_id,
        figures.period_id as context_period_id,
        figures.value as context_value,
        row_number() over (
            partition by successors.target_id
            order by
                figures.end_date desc nulls last,
                figures.is_own_period desc nulls last,
                figures.start_date asc nulls last,
                successors.heir_id asc nulls last,
                figures.period_id asc nulls last
        ) as newest_first_no
    from successors
    left join figures
        on
            successors.target_id = figures.target_id
            and successors.heir_id = figures.province_id
),

target_contexts as (
    select
        target_id,
        context_province_id,
        context_period_id,
        context_value
    from figures_ordered
    where newest_first_no = 1
)

select * from target_contexts

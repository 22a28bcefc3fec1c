with index_weights as (
    select * from {{ ref('int_index_weights') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

index_parts as (
    select * from {{ ref('int_index_parts') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

-- An index is asked for wherever one of its parts is known, so that a missing part shows.
index_keys as (
    select distinct
        index_weights.indicator_code,
        index_parts.province_id,
        index_parts.period_id,
        periods.year
    from index_parts
    inner join periods
        on index_parts.period_id = periods.period_id
    inner join index_weights
        on
            index_parts.indicator_code = index_weights.part_code
            and periods.year = index_weights.year
),

parts_found as (
    select
        index_keys.province_id,
        index_keys.indicator_code,
        index_keys.period_id,
        index_weights.weight,
        index_parts.indicator_code as found_code,
        index_parts.value,
        index_parts.is_inexact,
        index_parts.known_from,
        index_weights.weight * index_parts.value as points,
        index_weights.weight * {{ half_printed_unit('index_parts.decimals') }} as rounding
    from index_keys
    inner join index_weights
        on
            index_keys.indicator_code = index_weights.indicator_code
            and index_keys.year = index_weights.year
    left join index_parts
        on
            index_keys.province_id = index_parts.province_id
            and index_weights.part_code = index_parts.indicator_code
            and index_keys.period_id = index_parts.period_id
),

parts_added as (
    select
        province_id,
        indicator_code,
        period_id,
        try_cast(sum(points) as decimal(28, 10)) as value,
        try_cast(sum(rounding) as decimal(28, 10)) as rounding,
        sum(case when found_code is null then 1 else 0 end) as missing_parts,
        sum(case when value is null then 1 else 0 end) as null_parts,
        max(case when is_inexact then 1 else 0 end) as inexact_flag,
        max(known_from) as known_from
    from parts_found
    group by province_id, indicator_code, period_id
),

composites_judged as (
    select
        parts_added.*,
        case
            when missing_parts > 0 then 'missing_part'
            when null_parts > 0 then 'null_part'
            when value is null then 'out_of_range'
        end as reason_code
    from parts_added
),

composites as (
    select
        composites_judged.province_id,
        composites_judged.indicator_code,
        composites_judged.period_id,
        case when composites_judged.reason_code is null then composites_judged.value end as value,
        indicators.unit,
        {{ derived_status(
            'composites_judged.reason_code',
            'composites_judged.inexact_flag = 1'
        ) }} as status,
        {{ derived_qualifier(
            'composites_judged.reason_code',
            'composites_judged.inexact_flag = 1'
        ) }} as qualifier,
        composites_judged.reason_code,
        -- Workbooks keep figures in single precision: what it loses of parts and total is added.
        case
            when composites_judged.reason_code is null
                then composites_judged.rounding
                    + cast(
                        abs(composites_judged.value)
                        * cast({{ var('single_precision') }} as decimal(9, 8))
                        as decimal(28, 10)
                    )
        end as rounding,
        composites_judged.known_from
    from composites_judged
    inner join indicators
        on composites_judged.indicator_code = indicators.indicator_code
)

select * from composites

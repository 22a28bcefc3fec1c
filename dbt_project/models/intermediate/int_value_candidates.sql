with candidates as (
    select * from {{ ref('int_candidates_unioned') }}
),

contested as (
    select * from {{ ref('int_contested_candidates') }}
),

contested_keys as (
    select
        province_id,
        indicator_code,
        period_id
    from {{ ref('int_contested_candidates') }}
    where is_winner
),

-- What has one way to it is in order as it is.
uncontested as (
    select candidates.*
    from candidates
    anti join contested_keys
        on
            candidates.province_id = contested_keys.province_id
            and candidates.indicator_code = contested_keys.indicator_code
            and candidates.period_id = contested_keys.period_id
),

uncontested_rounded as (
    select
        uncontested.*,
        cast(1 as bigint) as way_count,
        {{ half_printed_unit('decimals') }} as half_unit
    from uncontested
),

value_candidates as (
    select * from contested
    union all
    select
        uncontested_rounded.*,
        cast(1 as bigint) as candidate_order,
        true as is_winner,
        cast(value - value as decimal(38, 10)) as difference,
        qualifier as winner_qualifier,
        cast(half_unit + coalesce(rounding, 0) as decimal(28, 10)) as tolerance,
        cast(value - value as decimal(29, 10)) as cut_off,
        false as is_of_other_sign,
        false as is_truncated,
        false as is_conflict
    from uncontested_rounded
)

select * from value_candidates

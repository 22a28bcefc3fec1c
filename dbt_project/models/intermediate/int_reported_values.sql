with vintages as (
    select * from {{ ref('int_observation_vintages') }}
),

-- The centre holds totals at a point or over a period; ytd and cumulative figures stay facts.
reported as (
    select
        {{ code('province_id') }} as province_id,
        {{ code('indicator_code') }} as indicator_code,
        {{ code('period_id') }} as period_id,
        {{ code('basis') }} as basis,
        value,
        {{ code('unit') }} as unit,
        {{ code('status') }} as status,
        {{ code('qualifier') }} as qualifier,
        decimals,
        source_id,
        load_id,
        source_rank,
        is_promised,
        is_natural_basis,
        accept_no,
        known_from
    from vintages
    where
        is_latest
        and breakdown = 'total'
        and basis in ('point', 'period')
)

select * from reported

with vintages as (
    select * from {{ ref('int_observation_vintages') }}
),

-- The centre holds totals at a point or over a period; ytd and cumulative figures stay facts.
reported as (
    select
        province_id,
        indicator_code,
        period_id,
        basis,
        value,
        unit,
        status,
        qualifier,
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

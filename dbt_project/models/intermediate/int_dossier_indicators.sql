with dossier_values as (
    select * from {{ ref('int_dossier_values') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

-- Months, and of longer periods what months do not make: medians and distinct counts are taken from
-- the log itself. What predecessors add up to before an area has dossiers is the boundary sums'.
dossier_indicators as (
    select
        dossier_values.province_id,
        dossier_values.indicator_code,
        dossier_values.period_id,
        dossier_values.basis,
        dossier_values.coverage_of,
        dossier_values.coverage_count,
        dossier_values.coverage_expected,
        dossier_values.reason_code,
        dossier_values.partial_value,
        dossier_values.value,
        dossier_values.unit,
        dossier_values.status,
        case when dossier_values.reason_code is null then 'exact' end as qualifier,
        dossier_values.known_from
    from dossier_values
    inner join indicators
        on dossier_values.indicator_code = indicators.indicator_code
    where
        dossier_values.dimension = 'total'
        and not dossier_values.is_carried
        and (dossier_values.period_type = 'month' or indicators.time_rule = 'none')
)

select * from dossier_indicators

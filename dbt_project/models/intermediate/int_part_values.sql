with reported as (
    select * from {{ ref('int_reported_values') }}
),

breakdown_sums as (
    select * from {{ ref('int_breakdown_sums') }}
),

candidates as (
    select
        province_id,
        indicator_code,
        period_id,
        value,
        status,
        qualifier,
        known_from,
        'reported' as derivation,
        source_rank,
        is_promised,
        is_natural_basis,
        accept_no,
        source_id,
        load_id,
        basis,
        cast(null as string) as coverage_of
    from reported
    union all
    select
        province_id,
        indicator_code,
        period_id,
        value,
        status,
        qualifier,
        known_from,
        'breakdown_sum' as derivation,
        cast(null as int) as source_rank,
        cast(null as boolean) as is_promised,
        is_natural_basis,
        cast(null as bigint) as accept_no,
        cast(null as string) as source_id,
        cast(null as string) as load_id,
        basis,
        coverage_of
    from breakdown_sums
),

candidates_ordered as (
    select
        candidates.*,
        {{ candidate_order() }} as candidate_order
    from candidates
),

part_values as (
    select
        province_id,
        indicator_code,
        period_id,
        value,
        known_from,
        {{ is_inexact('status', 'qualifier') }} as is_inexact
    from candidates_ordered
    where candidate_order = 1
)

select * from part_values

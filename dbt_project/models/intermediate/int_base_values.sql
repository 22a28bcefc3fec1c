with reported as (
    select * from {{ ref('int_reported_values') }}
),

breakdown_sums as (
    select * from {{ ref('int_breakdown_sums') }}
),

ytd_flows as (
    select * from {{ ref('int_ytd_flows') }}
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
    union all
    select
        province_id,
        indicator_code,
        period_id,
        value,
        status,
        qualifier,
        known_from,
        'ytd_flow' as derivation,
        source_rank,
        cast(null as boolean) as is_promised,
        is_natural_basis,
        accept_no,
        source_id,
        load_id,
        basis,
        coverage_of
    from ytd_flows
),

candidate_hashes as (
    select {{ key_hash(['province_id', 'indicator_code', 'period_id']) }} as key_hash
    from candidates
),

-- Nearly every figure was stated once. Only the others are put in order.
shared_hashes as (
    select key_hash from candidate_hashes
    group by key_hash
    having count(*) > 1
),

contested as (
    select
        candidates.*,
        {{ candidate_order() }} as candidate_order
    from candidates
    semi join shared_hashes
        on
            {{ key_hash([
                'candidates.province_id', 'candidates.indicator_code', 'candidates.period_id'
            ]) }}
            = shared_hashes.key_hash
),

winners as (
    select
        candidates.*,
        cast(1 as bigint) as candidate_order
    from candidates
    anti join shared_hashes
        on
            {{ key_hash([
                'candidates.province_id', 'candidates.indicator_code', 'candidates.period_id'
            ]) }}
            = shared_hashes.key_hash
    union all
    select * from contested
    where candidate_order = 1
),

base_values as (
    select
        province_id,
        indicator_code,
        period_id,
        derivation,
        basis,
        value,
        {{ is_inexact('status', 'qualifier') }} as is_inexact,
        known_from
    from winners
)

select * from base_values

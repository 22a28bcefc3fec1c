with reported as (
    select * from {{ ref('int_reported_values') }}
),

index_weights as (
    select * from {{ ref('index_weights') }}
),

-- Parts of an index are scores, and scores are never sums: what was reported is all there is.
candidates as (
    select
        reported.*,
        'reported' as derivation,
        cast(null as string) as coverage_of
    from reported
    where reported.indicator_code in (select index_weights.part_code from index_weights)
),

candidates_ordered as (
    select
        candidates.*,
        {{ candidate_order() }} as candidate_order
    from candidates
),

index_parts as (
    select
        province_id,
        indicator_code,
        period_id,
        value,
        decimals,
        {{ is_inexact('status', 'qualifier') }} as is_inexact,
        ';' || coalesce(status, 'A') || ';' like '%;P;%' as is_preliminary,
        known_from
    from candidates_ordered
    where candidate_order = 1
)

select * from index_parts

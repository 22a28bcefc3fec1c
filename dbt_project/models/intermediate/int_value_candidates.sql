with reported as (
    select * from {{ ref('int_reported_values') }}
),

breakdown_sums as (
    select * from {{ ref('int_breakdown_sums') }}
),

ratios as (
    select * from {{ ref('int_ratios') }}
),

composites as (
    select * from {{ ref('int_composites') }}
),

candidates as (
    select
        province_id,
        indicator_code,
        period_id,
        'reported' as derivation,
        'reported' as method,
        basis,
        value,
        cast(null as decimal(28, 10)) as partial_value,
        unit,
        status,
        qualifier,
        decimals,
        cast(null as string) as reason_code,
        cast(null as string) as coverage_of,
        cast(null as int) as coverage_count,
        cast(null as int) as coverage_expected,
        cast(null as string) as denominator_period_id,
        source_id,
        load_id,
        source_rank,
        is_promised,
        is_natural_basis,
        accept_no,
        known_from
    from reported
    union all
    select
        province_id,
        indicator_code,
        period_id,
        'breakdown_sum' as derivation,
        case when reason_code is null then 'breakdown_sum' else 'not_derivable' end as method,
        basis,
        value,
        partial_value,
        unit,
        status,
        qualifier,
        cast(null as int) as decimals,
        reason_code,
        coverage_of,
        coverage_count,
        coverage_expected,
        cast(null as string) as denominator_period_id,
        cast(null as string) as source_id,
        cast(null as string) as load_id,
        cast(null as int) as source_rank,
        cast(null as boolean) as is_promised,
        is_natural_basis,
        cast(null as bigint) as accept_no,
        known_from
    from breakdown_sums
    union all
    select
        province_id,
        indicator_code,
        period_id,
        'ratio' as derivation,
        case when reason_code is null then 'ratio' else 'not_derivable' end as method,
        cast(null as string) as basis,
        value,
        cast(null as decimal(28, 10)) as partial_value,
        unit,
        status,
        qualifier,
        cast(null as int) as decimals,
        reason_code,
        cast(null as string) as coverage_of,
        cast(null as int) as coverage_count,
        cast(null as int) as coverage_expected,
        denominator_period_id,
        cast(null as string) as source_id,
        cast(null as string) as load_id,
        cast(null as int) as source_rank,
        cast(null as boolean) as is_promised,
        cast(null as boolean) as is_natural_basis,
        cast(null as bigint) as accept_no,
        known_from
    from ratios
    union all
    select
        province_id,
        indicator_code,
        period_id,
        'composite' as derivation,
        case when reason_code is null then 'composite' else 'not_derivable' end as method,
        cast(null as string) as basis,
        value,
        cast(null as decimal(28, 10)) as partial_value,
        unit,
        status,
        qualifier,
        cast(null as int) as decimals,
        reason_code,
        cast(null as string) as coverage_of,
        cast(null as int) as coverage_count,
        cast(null as int) as coverage_expected,
        cast(null as string) as denominator_period_id,
        cast(null as string) as source_id,
        cast(null as string) as load_id,
        cast(null as int) as source_rank,
        cast(null as boolean) as is_promised,
        cast(null as boolean) as is_natural_basis,
        cast(null as bigint) as accept_no,
        known_from
    from composites
),

candidates_ordered as (
    select
        candidates.*,
        {{ candidate_order() }} as candidate_order
    from candidates
),

winners as (
    select * from candidates_ordered
    where candidate_order = 1
),

candidates_compared as (
    select
        candidates_ordered.*,
        candidates_ordered.candidate_order = 1 as is_winner,
        cast(candidates_ordered.value - winners.value as decimal(38, 10)) as difference,
        winners.qualifier as winner_qualifier,
        -- Half a unit of the last printed digit; of two printed figures the coarser one decides.
        -- To the total of an index its parts bring their own rounding.
        greatest(
            {{ half_printed_unit('candidates_ordered.decimals') }},
            {{ half_printed_unit('winners.decimals') }}
        ) + case
            when 'composite' in (candidates_ordered.derivation, winners.derivation)
                then coalesce(composites.rounding, 0)
            else 0
        end as tolerance
    from candidates_ordered
    inner join winners
        on
            candidates_ordered.province_id = winners.province_id
            and candidates_ordered.indicator_code = winners.indicator_code
            and candidates_ordered.period_id = winners.period_id
    left join composites
        on
            candidates_ordered.province_id = composites.province_id
            and candidates_ordered.indicator_code = composites.indicator_code
            and candidates_ordered.period_id = composites.period_id
),

-- "More than 1.2 million" is contradicted by less, never by more; "about" by neither.
candidates_flagged as (
    select
        candidates_compared.*,
        coalesce(
            not is_winner
            and case
                when qualifier = 'approx' or winner_qualifier = 'approx' then false
                when winner_qualifier in ('more_than', 'at_least') then difference < -tolerance
                when winner_qualifier in ('almost', 'less_than', 'at_most')
                    then difference > tolerance
                when qualifier in ('more_than', 'at_least') then difference > tolerance
                when qualifier in ('almost', 'less_than', 'at_most') then difference < -tolerance
                else abs(difference) > tolerance
            end,
            false
        ) as is_conflict
    from candidates_compared
)

select * from candidates_flagged

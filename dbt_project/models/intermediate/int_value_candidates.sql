with reported as (
    select * from {{ ref('int_reported_values') }}
),

breakdown_sums as (
    select * from {{ ref('int_breakdown_sums') }}
),

ytd_flows as (
    select * from {{ ref('int_ytd_flows') }}
),

ratios as (
    select * from {{ ref('int_ratios') }}
),

rollups as (
    select * from {{ ref('int_rollups') }}
),

boundary_sums as (
    select * from {{ ref('int_boundary_sums') }}
),

boundary_means as (
    select * from {{ ref('int_boundary_means') }}
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
        case when crosses_boundary then 'boundary_ratio' else 'ratio' end as derivation,
        case
            when reason_code is not null then 'not_derivable'
            when crosses_boundary then 'boundary_ratio'
            else 'ratio'
        end as method,
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
        'ytd_flow' as derivation,
        case when reason_code is null then 'rollup' else 'not_derivable' end as method,
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
        source_id,
        load_id,
        source_rank,
        cast(null as boolean) as is_promised,
        is_natural_basis,
        accept_no,
        known_from
    from ytd_flows
    union all
    select
        province_id,
        indicator_code,
        period_id,
        'rollup' as derivation,
        case when reason_code is null then 'rollup' else 'not_derivable' end as method,
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
        cast(null as boolean) as is_natural_basis,
        cast(null as bigint) as accept_no,
        known_from
    from rollups
    union all
    select
        province_id,
        indicator_code,
        period_id,
        'boundary_sum' as derivation,
        case when reason_code is null then 'boundary_sum' else 'not_derivable' end as method,
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
        cast(null as boolean) as is_natural_basis,
        cast(null as bigint) as accept_no,
        known_from
    from boundary_sums
    union all
    select
        province_id,
        indicator_code,
        period_id,
        derivation,
        case when reason_code is null then derivation else 'not_derivable' end as method,
        basis,
        value,
        cast(null as decimal(28, 10)) as partial_value,
        unit,
        status,
        qualifier,
        cast(null as int) as decimals,
        reason_code,
        coverage_of,
        coverage_count,
        coverage_expected,
        denominator_period_id,
        cast(null as string) as source_id,
        cast(null as string) as load_id,
        cast(null as int) as source_rank,
        cast(null as boolean) as is_promised,
        cast(null as boolean) as is_natural_basis,
        cast(null as bigint) as accept_no,
        known_from
    from boundary_means
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
        greatest(
            {{ half_printed_unit('candidates_ordered.decimals') }},
            {{ half_printed_unit('winners.decimals') }}
        ) as tolerance,
        -- Some printers cut instead of rounding: 13.058 becomes 13,05. The coarser figure then lies
        -- nearer to zero, by less than a whole unit.
        case
            when
                {{ half_printed_unit('candidates_ordered.decimals') }}
                > {{ half_printed_unit('winners.decimals') }}
                then abs(winners.value) - abs(candidates_ordered.value)
            else abs(candidates_ordered.value) - abs(winners.value)
        end as cut_off,
        (candidates_ordered.value < 0 and winners.value > 0)
        or (candidates_ordered.value > 0 and winners.value < 0) as is_of_other_sign
    from candidates_ordered
    inner join winners
        on
            candidates_ordered.province_id = winners.province_id
            and candidates_ordered.indicator_code = winners.indicator_code
            and candidates_ordered.period_id = winners.period_id
),

candidates_judged as (
    select
        candidates_compared.*,
        coalesce(
            abs(difference) > tolerance
            and not is_of_other_sign
            and cut_off > 0
            and cut_off < 2 * tolerance,
            false
        ) as is_truncated
    from candidates_compared
),

-- "More than 1.2 million" is contradicted by less, never by more; "about" by neither.
candidates_flagged as (
    select
        candidates_judged.*,
        coalesce(
            not is_winner
            and not is_truncated
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
    from candidates_judged
)

select * from candidates_flagged

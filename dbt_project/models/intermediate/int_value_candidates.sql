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

-- Half a unit of the last printed digit; nothing for a figure that was not printed.
printed_units as (
    select
        decimals,
        {{ half_printed_unit('decimals') }} as half_unit
    from candidates
    where decimals is not null
    group by decimals
),

ways as (
    select
        province_id,
        indicator_code,
        period_id,
        count(*) as way_count
    from candidates
    group by province_id, indicator_code, period_id
),

candidates_counted as (
    select
        candidates.*,
        ways.way_count,
        coalesce(printed_units.half_unit, 0) as half_unit
    from candidates
    inner join ways
        on
            candidates.province_id = ways.province_id
            and candidates.indicator_code = ways.indicator_code
            and candidates.period_id = ways.period_id
    left join printed_units
        on candidates.decimals = printed_units.decimals
),

-- Most values have one way to them and are in order as they are.
candidates_ordered as (
    select
        candidates_counted.*,
        1 as candidate_order
    from candidates_counted
    where way_count = 1
    union all
    select
        candidates_counted.*,
        {{ candidate_order() }} as candidate_order
    from candidates_counted
    where way_count > 1
),

winners as (
    select * from candidates_ordered
    where candidate_order = 1 and way_count > 1
),

candidates_compared as (
    select
        ordered.*,
        ordered.candidate_order = 1 as is_winner,
        cast(ordered.value - coalesce(winners.value, ordered.value) as decimal(38, 10))
            as difference,
        coalesce(winners.qualifier, ordered.qualifier) as winner_qualifier,
        -- Of two printed figures the coarser one decides. To the total of an index its parts bring
        -- their own rounding.
        cast(
            greatest(ordered.half_unit, coalesce(winners.half_unit, 0))
            + case
                when 'composite' in (ordered.derivation, winners.derivation)
                    then coalesce(composites.rounding, 0)
                else 0
            end as decimal(28, 10)
        ) as tolerance,
        -- Some printers cut instead of rounding: 13.058 becomes 13,05. The coarser figure then lies
        -- nearer to zero, by less than a whole unit.
        case
            when ordered.half_unit > winners.half_unit then abs(winners.value) - abs(ordered.value)
            else abs(ordered.value) - abs(winners.value)
        end as cut_off,
        (ordered.value < 0 and winners.value > 0) or (ordered.value > 0 and winners.value < 0)
            as is_of_other_sign
    from candidates_ordered as ordered
    left join winners
        on
            ordered.province_id = winners.province_id
            and ordered.indicator_code = winners.indicator_code
            and ordered.period_id = winners.period_id
    left join composites
        on
            ordered.province_id = composites.province_id
            and ordered.indicator_code = composites.indicator_code
            and ordered.period_id = composites.period_id
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

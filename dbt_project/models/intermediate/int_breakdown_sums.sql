with vintages as (
    select * from {{ ref('int_observation_vintages') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

dimensions as (
    select * from {{ ref('breakdown_dimensions') }}
),

exceptions as (
    select * from {{ ref('non_additive_breakdowns') }}
),

expected_members as (
    select * from {{ ref('stg_expected_members') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

dossier_indicators as (
    select * from {{ ref('int_dossier_indicators') }}
),

-- `operator:viettel` is a member of one dimension; `contract:prepaid;operator:viettel` of two.
single_members as (
    select
        vintages.*,
        split_part(vintages.breakdown, ':', 1) as dimension
    from vintages
    where
        vintages.is_latest
        and vintages.breakdown <> 'total'
        and vintages.breakdown not like '%;%'
        and vintages.basis in ('point', 'period')
),

additive_members as (
    select
        single_members.*,
        indicators.unit as indicator_unit
    from single_members
    inner join indicators
        on single_members.indicator_code = indicators.indicator_code
    inner join dimensions
        on single_members.dimension = dimensions.dimension
    left join exceptions
        on
            single_members.indicator_code = exceptions.indicator_code
            and single_members.dimension = exceptions.dimension
    where
        dimensions.is_additive
        and indicators.kind in ('stock', 'flow')
        and indicators.area_rule = 'sum'
        and exceptions.indicator_code is null
),

-- Two sources may state one member: the same precedence as for totals. Of equal ranks the source
-- that promises the member wins, as an operator does for its own figures.
members_ordered as (
    select
        additive_members.*,
        row_number() over (
            partition by province_id, indicator_code, period_id, basis, breakdown
            order by
                case when value is null then 1 else 0 end asc nulls last,
                source_rank asc nulls last,
                is_promised desc nulls last,
                accept_no asc nulls last,
                source_id asc nulls last,
                load_id asc nulls last
        ) as member_order
    from additive_members
),

members as (
    select * from members_ordered
    where member_order = 1
),

member_periods as (
    select distinct
        indicator_code,
        dimension,
        period_id
    from members
),

expected_windows as (
    select
        expected_members.indicator_code,
        expected_members.breakdown,
        split_part(expected_members.breakdown, ':', 1) as dimension,
        expected_members.expected_from,
        expected_members.expected_to,
        first_periods.start_date as first_date,
        last_periods.end_date as last_date
    from expected_members
    left join periods as first_periods
        on expected_members.expected_from = first_periods.period_id
    left join periods as last_periods
        on expected_members.expected_to = last_periods.period_id
    where expected_members.breakdown not like '%;%'
),

expected as (
    select distinct
        member_periods.indicator_code,
        member_periods.dimension,
        member_periods.period_id,
        expected_windows.breakdown
    from member_periods
    inner join periods
        on member_periods.period_id = periods.period_id
    inner join expected_windows
        on
            member_periods.indicator_code = expected_windows.indicator_code
            and member_periods.dimension = expected_windows.dimension
    where
        periods.start_date is not null
        and (
            expected_windows.expected_from is null
            or expected_windows.first_date <= periods.start_date
        )
        and (
            expected_windows.expected_to is null
            or expected_windows.last_date >= periods.end_date
        )
),

expected_counts as (
    select
        indicator_code,
        dimension,
        period_id,
        count(*) as expected_count
    from expected
    group by indicator_code, dimension, period_id
),

members_matched as (
    select
        members.*,
        members.value is not null and expected.breakdown is not null as is_covered,
        {{ is_inexact('members.status', 'members.qualifier') }} as is_inexact
    from members
    left join expected
        on
            members.indicator_code = expected.indicator_code
            and members.period_id = expected.period_id
            and members.breakdown = expected.breakdown
),

sums as (
    select
        province_id,
        indicator_code,
        period_id,
        basis,
        dimension,
        indicator_unit as unit,
        is_natural_basis,
        try_cast(sum(value) as decimal(28, 10)) as partial_value,
        cast(sum(case when is_covered then 1 else 0 end) as int) as coverage_count,
        max(case when value is not null and is_inexact then 1 else 0 end) as inexact_flag,
        max(known_from) as known_from
    from members_matched
    group by
        province_id,
        indicator_code,
        period_id,
        basis,
        dimension,
        indicator_unit,
        is_natural_basis
),

sums_judged as (
    select
        sums.*,
        cast(coalesce(expected_counts.expected_count, 0) as int) as coverage_expected,
        case
            when expected_counts.expected_count is null then 'unknown_coverage'
            when sums.coverage_count < expected_counts.expected_count then 'incomplete_coverage'
            when sums.partial_value is null then 'out_of_range'
        end as reason_code
    from sums
    left join expected_counts
        on
            sums.indicator_code = expected_counts.indicator_code
            and sums.dimension = expected_counts.dimension
            and sums.period_id = expected_counts.period_id
),

-- A partial sum is never shown as a total: it keeps its coverage and its reason, not its number.
member_sums as (
    select
        {{ code('province_id') }} as province_id,
        {{ code('indicator_code') }} as indicator_code,
        {{ code('period_id') }} as period_id,
        {{ code('basis') }} as basis,
        is_natural_basis,
        dimension as coverage_of,
        coverage_count,
        coverage_expected,
        reason_code,
        partial_value,
        case when reason_code is null then partial_value end as value,
        unit,
        {{ derived_status('reason_code', 'inexact_flag = 1') }} as status,
        {{ derived_qualifier('reason_code', 'inexact_flag = 1') }} as qualifier,
        known_from
    from sums_judged
),

-- What logs of dossiers count is summed over the portals that hold them.
breakdown_sums as (
    select * from member_sums
    union all
    select
        {{ code('province_id') }} as province_id,
        {{ code('indicator_code') }} as indicator_code,
        {{ code('period_id') }} as period_id,
        {{ code('basis') }} as basis,
        true as is_natural_basis,
        coverage_of,
        coverage_count,
        coverage_expected,
        reason_code,
        partial_value,
        value,
        unit,
        status,
        qualifier,
        known_from
    from dossier_indicators
)

select * from breakdown_sums

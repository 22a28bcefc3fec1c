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
        known_from,
        cast(null as decimal(28, 10)) as rounding
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
        known_from,
        cast(null as decimal(28, 10)) as rounding
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
        known_from,
        cast(null as decimal(28, 10)) as rounding
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
        known_from,
        cast(null as decimal(28, 10)) as rounding
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
        known_from,
        cast(null as decimal(28, 10)) as rounding
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
        known_from,
        cast(null as decimal(28, 10)) as rounding
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
        known_from,
        cast(null as decimal(28, 10)) as rounding
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
        known_from,
        rounding
    from composites
)

select * from candidates

{%- set keys = ['province_id', 'period_id', 'dimension', 'member', 'indicator_code'] -%}

with dossier_values as (
    select * from {{ ref('int_dossier_values') }}
),

shares as (
    select * from {{ ref('int_dossier_shares') }}
),

members as (
    select * from {{ ref('dim_members') }}
),

service_levels as (
    select * from {{ ref('service_levels') }}
),

provinces as (
    select * from {{ ref('provinces') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

unioned as (
    select
        {{ keys | join(', ') }},
        value,
        unit,
        cast(null as decimal(28, 10)) as numerator,
        cast(null as decimal(28, 10)) as denominator,
        cast(null as int) as factor,
        status,
        reason_code,
        partial_value,
        coverage_of,
        coverage_count,
        coverage_expected,
        known_from
    from dossier_values
    union all
    select
        {{ keys | join(', ') }},
        value,
        unit,
        numerator,
        denominator,
        factor,
        status,
        reason_code,
        cast(null as decimal(28, 10)) as partial_value,
        cast(null as string) as coverage_of,
        cast(null as int) as coverage_count,
        cast(null as int) as coverage_expected,
        known_from
    from shares
),

-- What levels are read as is declared, and only nearly so.
kinds as (
    select
        mapped_to,
        min(name_vi) as name_vi,
        min(name_en) as name_en,
        min(note) as note
    from service_levels
    group by mapped_to
),

names as (
    select
        dimension,
        code as member,
        name_vi,
        name_en,
        cast(null as string) as note
    from members
    where dimension in ('channel', 'service_level', 'field')
    union all
    select
        'service_kind' as dimension,
        mapped_to as member,
        name_vi,
        name_en,
        note
    from kinds
    union all
    select
        'total' as dimension,
        'total' as member,
        'Tổng số' as name_vi,
        'Total' as name_en,
        cast(null as string) as note
),

final as (
    select
        cast(unioned.province_id as string) as province_id,
        cast(unioned.period_id as string) as period_id,
        cast(unioned.dimension as string) as dimension,
        cast(unioned.member as string) as member,
        cast(unioned.indicator_code as string) as indicator_code,
        cast(unioned.value as decimal(28, 10)) as value,
        cast(unioned.unit as string) as unit,
        cast(unioned.numerator as decimal(28, 10)) as numerator,
        cast(unioned.denominator as decimal(28, 10)) as denominator,
        cast(unioned.factor as int) as factor,
        cast(unioned.status as string) as status,
        cast(unioned.reason_code as string) as reason_code,
        cast(unioned.partial_value as decimal(28, 10)) as partial_value,
        cast(unioned.coverage_of as string) as coverage_of,
        cast(unioned.coverage_count as int) as coverage_count,
        cast(unioned.coverage_expected as int) as coverage_expected,
        cast(names.name_vi as string) as member_vi,
        cast(names.name_en as string) as member_en,
        cast(unioned.dimension = 'service_kind' as boolean) as is_approximate,
        cast(names.note as string) as note,
        cast(provinces.boundary_set as string) as boundary_set,
        cast(periods.period_type as string) as period_type,
        cast(periods.end_date as date) as end_date,
        cast(unioned.known_from as timestamp) as known_from
    from unioned
    inner join periods
        on unioned.period_id = periods.period_id
    left join provinces
        on unioned.province_id = provinces.province_id
    left join names
        on
            unioned.dimension = names.dimension
            and unioned.member = names.member
)

select * from final

with base_values as (
    select * from {{ ref('int_base_values') }}
),

boundary_sums as (
    select * from {{ ref('int_boundary_sums') }}
),

-- What was said of the area itself comes before what its predecessors add up to, but for a null.
values_compared as (
    select
        coalesce(base_values.province_id, boundary_sums.province_id) as province_id,
        coalesce(base_values.indicator_code, boundary_sums.indicator_code) as indicator_code,
        coalesce(base_values.period_id, boundary_sums.period_id) as period_id,
        base_values.basis as base_basis,
        base_values.value as base_value,
        base_values.is_inexact as is_base_inexact,
        base_values.known_from as base_known_from,
        boundary_sums.basis as boundary_basis,
        boundary_sums.value as boundary_value,
        {{ is_inexact('boundary_sums.status', 'boundary_sums.qualifier') }} as is_boundary_inexact,
        boundary_sums.known_from as boundary_known_from,
        base_values.province_id is null
        or (base_values.value is null and boundary_sums.value is not null) as crosses_boundary
    from base_values
    full outer join boundary_sums
        on
            base_values.province_id = boundary_sums.province_id
            and base_values.indicator_code = boundary_sums.indicator_code
            and base_values.period_id = boundary_sums.period_id
),

area_values as (
    select
        province_id,
        indicator_code,
        period_id,
        case when crosses_boundary then boundary_basis else base_basis end as basis,
        case when crosses_boundary then boundary_value else base_value end as value,
        case when crosses_boundary then is_boundary_inexact else is_base_inexact end as is_inexact,
        crosses_boundary,
        case when crosses_boundary then boundary_known_from else base_known_from end as known_from
    from values_compared
)

select * from area_values

with base_values as (
    select * from {{ ref('int_base_values') }}
),

boundary_sums as (
    select * from {{ ref('int_boundary_sums') }}
),

-- What was said of the area itself comes before what its predecessors add up to, but for a null.
double_keys as (
    select
        base_values.province_id,
        base_values.indicator_code,
        base_values.period_id,
        base_values.value is null and boundary_sums.value is not null as crosses_boundary
    from base_values
    inner join boundary_sums
        on
            base_values.province_id = boundary_sums.province_id
            and base_values.indicator_code = boundary_sums.indicator_code
            and base_values.period_id = boundary_sums.period_id
)

select * from double_keys

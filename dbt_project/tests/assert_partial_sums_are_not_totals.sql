-- A sum in the centre holds every member its sources promise, or every predecessor of the area; a
-- longer period holds all its parts, a mean over areas every predecessor.
select
    province_id,
    indicator_code,
    period_id,
    coverage_count,
    coverage_expected
from {{ ref('fct_indicator_values') }}
where
    method in ('breakdown_sum', 'rollup', 'boundary_sum', 'boundary_mean', 'boundary_weighted')
    and (
        coverage_of is null
        or coverage_expected is null
        or coverage_expected = 0
        or coverage_count <> coverage_expected
    )

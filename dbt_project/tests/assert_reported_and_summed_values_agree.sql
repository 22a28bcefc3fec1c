-- Two ways to one value that differ by more than printing explains. Input can do this, so it
-- warns; int_value_candidates keeps both figures.
{{ config(severity='warn') }}
select
    province_id,
    indicator_code,
    period_id,
    derivation,
    value,
    difference,
    tolerance
from {{ ref('int_value_candidates') }}
where is_conflict

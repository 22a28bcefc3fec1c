-- A place lies between 1 and the number of areas ranked, and so does the place a year earlier, as
-- far as one edition of the method goes. Published figures can break it, so it warns.
{{ config(severity='warn') }}
select
    province_id,
    indicator_code,
    period_id,
    method,
    rank,
    rank_previous,
    rank_of
from {{ ref('rpt_rankings') }}
where
    rank < 1
    or rank > rank_of
    or rank_previous < 1
    or (not crosses_break and rank_previous > rank_of)

-- Shares of what was due: never below 0 nor above 1, and timely is at most complete.
select
    source_id,
    period_id,
    province_id
from {{ ref('rpt_completeness') }}
where
    completeness not between 0 and 1
    or timeliness not between 0 and completeness
    or (due_count = 0) <> (completeness is null)
    or owed_count < due_count + not_applicable_count + confidential_count

-- What each source owed over all provinces: in all, and for each period, the newest first.
select
    counts.source_id,
    counts.period_id,
    any_value(periods.label_vi) as label_vi,
    any_value(periods.label_en) as label_en,
    any_value(counts.due_on) as due_on,
    cast(sum(counts.owed_count) as bigint) as owed_count,
    cast(sum(counts.due_count) as bigint) as due_count,
    cast(sum(counts.delivered_count) as bigint) as delivered_count,
    cast(sum(counts.in_time_count) as bigint) as in_time_count,
    cast(sum(counts.late_count) as bigint) as late_count,
    cast(sum(counts.missing_count) as bigint) as missing_count,
    cast(sum(counts.not_applicable_count) as bigint) as not_applicable_count,
    cast(sum(counts.confidential_count) as bigint) as confidential_count,
    sum(counts.delivered_count) / nullif(sum(counts.due_count), 0) as completeness,
    sum(counts.in_time_count) / nullif(sum(counts.due_count), 0) as timeliness
from main.rpt_completeness as counts
inner join main.dim_periods as periods on counts.period_id = periods.period_id
group by grouping sets ((counts.source_id), (counts.source_id, counts.period_id))
order by counts.source_id asc, max(periods.end_date) desc, counts.period_id asc nulls first

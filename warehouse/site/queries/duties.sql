-- What each source owed: in all; for each period, the newest first; of each province, those that
-- reports came without most often first.
with sums as (
    select
        source_id,
        period_id,
        province_id,
        any_value(due_on) as due_on,
        cast(sum(owed_count) as bigint) as owed_count,
        cast(sum(due_count) as bigint) as due_count,
        cast(sum(delivered_count) as bigint) as delivered_count,
        cast(sum(in_time_count) as bigint) as in_time_count,
        cast(sum(late_count) as bigint) as late_count,
        cast(sum(missing_count) as bigint) as missing_count,
        cast(sum(not_applicable_count) as bigint) as not_applicable_count,
        cast(sum(confidential_count) as bigint) as confidential_count,
        sum(delivered_count) / nullif(sum(due_count), 0) as completeness,
        sum(in_time_count) / nullif(sum(due_count), 0) as timeliness
    from main.rpt_completeness
    group by grouping sets ((source_id), (source_id, period_id), (source_id, province_id))
)

select
    sums.*,
    periods.label_vi,
    periods.label_en
from sums
left join main.dim_periods as periods on sums.period_id = periods.period_id
order by
    sums.source_id asc,
    sums.period_id is null and sums.province_id is null desc,
    periods.end_date desc nulls last,
    case when sums.province_id is not null then sums.missing_count end desc nulls last,
    sums.period_id asc,
    sums.province_id asc

with obligations as (
    select * from {{ ref('rpt_obligations') }}
),

-- What came before its due day counts from the due day on, as what did not come does.
obligations_due as (
    select
        obligations.*,
        due_on < judged_on and state in ('delivered', 'late', 'missing') as is_due
    from obligations
),

counts as (
    select
        source_id,
        period_id,
        province_id,
        min(due_on) as due_on,
        count(*) as owed_count,
        sum(case when is_due then 1 else 0 end) as due_count,
        sum(case when is_due and state = 'delivered' then 1 else 0 end) as delivered_count,
        sum(case when is_due and is_in_time then 1 else 0 end) as in_time_count,
        sum(case when state = 'late' then 1 else 0 end) as late_count,
        sum(case when state = 'missing' then 1 else 0 end) as missing_count,
        sum(case when state = 'not_applicable' then 1 else 0 end) as not_applicable_count,
        sum(case when state = 'confidential' then 1 else 0 end) as confidential_count
    from obligations_due
    group by source_id, period_id, province_id
),

final as (
    select
        cast(source_id as string) as source_id,
        cast(period_id as string) as period_id,
        cast(province_id as string) as province_id,
        cast(due_on as date) as due_on,
        cast(owed_count as int) as owed_count,
        cast(due_count as int) as due_count,
        cast(delivered_count as int) as delivered_count,
        cast(in_time_count as int) as in_time_count,
        cast(late_count as int) as late_count,
        cast(missing_count as int) as missing_count,
        cast(not_applicable_count as int) as not_applicable_count,
        cast(confidential_count as int) as confidential_count,
        cast(
            {{ exact_ratio('delivered_count', 'due_count', 1) }} as decimal(28, 10)
        ) as completeness,
        cast({{ exact_ratio('in_time_count', 'due_count', 1) }} as decimal(28, 10)) as timeliness
    from counts
)

select * from final

with owed_figures as (
    select * from {{ ref('int_owed_figures') }}
),

deliveries as (
    select * from {{ ref('int_owed_deliveries') }}
),

absence_statuses as (
    select * from {{ ref('absence_statuses') }}
),

-- A figure that came counts, whatever was declared. A declared or printed reason comes before the
-- calendar; what is not yet due is no gap; without any report of the period it is late, and where
-- the report came without it, it is missing.
states as (
    select
        owed_figures.*,
        deliveries.load_id,
        case
            when deliveries.load_id is not null then deliveries.first_delivered_on
        end as delivered_on,
        case
            when deliveries.load_id is not null then 'delivered'
            when owed_figures.exempt_absence is not null then owed_figures.exempt_absence
            when absence_statuses.absence in ('not_applicable', 'confidential')
                then absence_statuses.absence
            when owed_figures.judged_on <= owed_figures.due_on then 'not_yet_due'
            when owed_figures.has_come then 'missing'
            else 'late'
        end as state
    from owed_figures
    left join deliveries
        on
            owed_figures.source_id = deliveries.source_id
            and owed_figures.indicator_code = deliveries.indicator_code
            and owed_figures.breakdown = deliveries.breakdown
            and owed_figures.period_id = deliveries.period_id
            and owed_figures.province_id = deliveries.province_id
    left join absence_statuses
        on deliveries.absence_status = absence_statuses.status
),

states_dated as (
    select
        states.*,
        case
            when state = 'delivered' then delivered_on <= due_on
            when state in ('late', 'missing') then false
        end as is_in_time,
        case
            when state = 'delivered'
                then greatest({{ days_between('due_on', 'delivered_on') }}, 0)
            when state in ('late', 'missing') then {{ days_between('due_on', 'judged_on') }}
        end as days_late
    from states
),

final as (
    select
        cast(source_id as string) as source_id,
        cast(indicator_code as string) as indicator_code,
        cast(breakdown as string) as breakdown,
        cast(period_id as string) as period_id,
        cast(province_id as string) as province_id,
        cast(due_on as date) as due_on,
        cast(judged_on as date) as judged_on,
        cast(state as string) as state,
        cast(delivered_on as date) as delivered_on,
        cast(is_in_time as boolean) as is_in_time,
        cast(days_late as int) as days_late,
        cast(load_id as string) as load_id,
        cast(case when state <> 'delivered' then held_load_id end as string) as held_load_id,
        cast(
            case when state in ('not_applicable', 'confidential') then exempt_reason end as string
        ) as reason
    from states_dated
)

select * from final

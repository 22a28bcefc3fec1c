{%- set counts = dossier_counts() -%}
{%- set sums = {} -%}
{%- for name in counts -%}{%- do sums.update({name: 'sum(' ~ name ~ ')'}) -%}{%- endfor -%}
{%- set is_taken = {
    'sum': 'true',
    'first': 'member_months.event_month = spans.start_date',
    'last': 'last_day(member_months.event_month) = spans.end_date',
} -%}

with dossier_months as (
    select * from {{ ref('int_dossier_months') }}
),

channels as (
    select * from {{ ref('dossier_channels') }}
),

service_levels as (
    select * from {{ ref('service_levels') }}
),

area_months as (
    select * from {{ ref('int_dossier_area_months') }}
),

spans as (
    select * from {{ ref('int_dossier_spans') }}
),

months_named as (
    select
        dossier_months.*,
        coalesce(service_levels.mapped_to, '_unknown') as service_kind,
        case when channels.is_online then dossier_months.received_count else 0 end as online_count
    from dossier_months
    left join channels
        on dossier_months.channel = channels.channel
    left join service_levels
        on dossier_months.service_level = service_levels.service_level
),

-- Without procedures and portals, before anything is joined to it.
member_months as (
    {{ by_dossier_dimension('months_named', ['province_id', 'event_month'], sums) }}
),

-- Stocks are those at the ends of the period, all else adds up over its months.
members as (
    select
        area_months.province_id,
        spans.period_id,
        member_months.dimension,
        member_months.member,
        area_months.is_whole,
        {%- for name, taken in counts.items() %}
        sum(case when {{ is_taken[taken] }} then member_months.{{ name }} else 0 end)
            as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from member_months
    inner join area_months
        on
            member_months.province_id = area_months.filed_in
            and member_months.event_month = area_months.event_month
    inner join spans
        on
            area_months.province_id = spans.province_id
            and member_months.event_month between spans.start_date and spans.end_date
    group by
        area_months.province_id,
        spans.period_id,
        member_months.dimension,
        member_months.member,
        area_months.is_whole
)

select * from members

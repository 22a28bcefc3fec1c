{#- Counts by when in a period they are taken: over all of its months, or at an end. -#}
{%- set counts = {
    'received_count': 'sum', 'resolved_count': 'sum', 'early_count': 'sum', 'on_time_count': 'sum',
    'late_count': 'sum', 'returned_count': 'sum', 'online_count': 'sum',
    'online_payment_count': 'sum', 'fee_vnd': 'sum', 'fee_count': 'sum', 'fee_paid_count': 'sum',
    'fee_unstated_count': 'sum', 'digitised_count': 'sum', 'digitised_unstated_count': 'sum',
    'carried_over_count': 'first', 'pending_count': 'last', 'pending_late_count': 'last',
} -%}
{%- set sums = {} -%}
{%- for name in counts -%}{%- do sums.update({name: 'sum(' ~ name ~ ')'}) -%}{%- endfor -%}

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
        dossier_months.province_id as filed_in,
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
    {{ by_dossier_dimension('months_named', ['filed_in', 'event_month'], sums) }}
),

members_by_span as (
    select
        area_months.province_id,
        spans.period_id,
        area_months.is_whole,
        member_months.*,
        case when member_months.event_month = spans.start_date then 1 else 0 end as first_flag,
        case when last_day(member_months.event_month) = spans.end_date then 1 else 0 end
            as last_flag
    from member_months
    inner join area_months
        on
            member_months.filed_in = area_months.filed_in
            and member_months.event_month = area_months.event_month
    inner join spans
        on
            area_months.province_id = spans.province_id
            and member_months.event_month between spans.start_date and spans.end_date
),

-- Stocks are those at the ends of the period, all else adds up over its months.
members as (
    select
        province_id,
        period_id,
        dimension,
        member,
        {%- for name, taken in counts.items() %}
        sum({{ name }}{{ '' if taken == 'sum' else ' * ' ~ taken ~ '_flag' }}) as {{ name }},
        {%- endfor %}
        is_whole
    from members_by_span
    group by province_id, period_id, dimension, member, is_whole
)

select * from members

with targets as (
    select * from {{ ref('int_targets') }}
),

actuals as (
    select * from {{ ref('int_target_actuals') }}
),

heirs as (
    select * from {{ ref('int_area_heirs') }}
),

ended_members as (
    select * from {{ ref('ended_members') }}
),

base_year_indicators as (
    select * from {{ ref('base_year_indicators') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

loads as (
    select * from {{ ref('int_loads_ordered') }}
),

-- An area lasts as long as its extent does, under whatever id.
last_days as (
    select
        province_id,
        max(coalesce(valid_to, cast('9999-12-31' as date))) as last_day
    from heirs
    where relation in ('own', 'unchanged')
    group by province_id
),

member_last_days as (
    select
        targets.target_id,
        min(ended_members.last_day) as member_last_day
    from targets
    inner join ended_members
        on
            ';' || targets.breakdown || ';'
            like '%;' || ended_members.dimension || ':' || ended_members.code || ';%'
    group by targets.target_id
),

-- Today, as everywhere, is the day in Viet Nam when something was last received.
last_receipt as (
    select {{ day_in_viet_nam('max(received_at)') }} as as_of_date
    from loads
),

targets_joined as (
    select
        targets.*,
        actuals.actual_province_id,
        actuals.actual_value,
        actuals.actual_unit,
        actuals.actual_period_id,
        actuals.actual_method,
        actuals.actual_status,
        actuals.actual_qualifier,
        {{ half_printed_unit('actuals.actual_decimals') }} as half_printed_unit,
        coalesce(actuals.is_inside, false) as is_inside,
        coalesce(actuals.is_at_end, false) as is_at_end,
        periods.end_date,
        last_days.last_day < periods.end_date as is_area_ended,
        member_last_days.member_last_day < periods.end_date as is_member_ended,
        base_year_indicators.indicator_code is not null
        and targets.base_period_id is null as lacks_base_year,
        targets.comparator = 'top_n' and indicators.kind <> 'rank' as is_not_a_rank,
        last_receipt.as_of_date
    from targets
    cross join last_receipt
    left join actuals
        on targets.target_id = actuals.target_id
    left join periods
        on targets.period_id = periods.period_id
    left join last_days
        on targets.province_id = last_days.province_id
    left join member_last_days
        on targets.target_id = member_last_days.target_id
    left join base_year_indicators
        on targets.indicator_code = base_year_indicators.indicator_code
    left join indicators
        on targets.indicator_code = indicators.indicator_code
),

-- Positive is better than asked. Inside a range the gap is the room to the nearer bound; an exact
-- target can only be hit, so its gap is never positive.
targets_compared as (
    select
        targets_joined.*,
        try_cast(
            case
                when not is_inside or end_date is null then null
                when actual_unit <> unit or is_not_a_rank then null
                when comparator in ('ge', 'gt') then actual_value - value
                when comparator in ('le', 'lt', 'top_n') then value - actual_value
                when comparator = 'range'
                    then
                        case
                            when actual_value - value <= value_upper - actual_value
                                then actual_value - value
                            else value_upper - actual_value
                        end
                when comparator = 'eq' then -abs(actual_value - value)
            end as decimal(28, 10)
        ) as gap
    from targets_joined
),

-- A figure before the end of the target's period shows how far it is, not whether it is met. What
-- is said to be about as much as asked is neither.
targets_judged as (
    select
        targets_compared.*,
        case
            when end_date is null then 'no_period'
            when
                value is null or (comparator = 'range' and value_upper is null)
                then 'no_target_value'
            when lacks_base_year then 'no_base_year'
            when is_not_a_rank then 'not_a_rank'
            when is_area_ended and not is_at_end then 'area_ended'
            when is_member_ended and not is_at_end then 'member_ended'
            when actual_value is null then 'no_actual'
            when actual_unit <> unit then 'unit_differs'
            when not is_inside then 'actual_before_target_period'
            when gap is null then 'out_of_range'
            when not is_at_end then 'period_still_open'
            when actual_qualifier = 'approx' and abs(gap) <= 2 * half_printed_unit
                then 'approximate'
        end as reason_code
    from targets_compared
),

-- On the bound itself the wording decides: "almost 80" is below 80, "more than 80" above it.
targets_worded as (
    select
        targets_judged.*,
        coalesce(actual_qualifier, 'exact') in ('almost', 'less_than') as is_said_below,
        coalesce(actual_qualifier, 'exact') = 'more_than' as is_said_above,
        comparator in ('ge', 'eq') or (comparator = 'range' and actual_value = value)
            as is_lower_bound,
        comparator in ('le', 'top_n', 'eq') or (comparator = 'range' and actual_value = value_upper)
            as is_upper_bound
    from targets_judged
),

targets_met as (
    select
        targets_worded.*,
        case
            when reason_code is not null then null
            when gap <> 0 then gap > 0
            when comparator = 'gt' then is_said_above
            when comparator = 'lt' then is_said_below
            else
                not (is_lower_bound and is_said_below) and not (is_upper_bound and is_said_above)
        end as is_met
    from targets_worded
),

-- Not yet due is what time alone can still decide; what lacks its base or its area stays undecided.
targets_decided as (
    select
        target_id,
        province_id,
        indicator_code,
        period_id,
        breakdown,
        comparator,
        value,
        value_upper,
        unit,
        target_status,
        base_period_id,
        source_id,
        actual_province_id,
        actual_period_id,
        actual_value,
        actual_unit,
        actual_status,
        actual_qualifier,
        actual_method,
        gap,
        is_met,
        reason_code,
        case
            when is_met then 'met'
            when not is_met then 'not_met'
            when
                end_date > as_of_date
                and reason_code in ('no_actual', 'actual_before_target_period', 'period_still_open')
                then 'not_yet_due'
            else 'cannot_be_judged'
        end as outcome
    from targets_met
)

select * from targets_decided

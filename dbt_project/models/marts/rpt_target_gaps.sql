with targets as (
    select * from {{ ref('fct_targets') }}
),

actuals as (
    select * from {{ ref('int_target_actuals') }}
),

provinces as (
    select * from {{ ref('dim_provinces') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

targets_joined as (
    select
        targets.*,
        actuals.actual_value,
        actuals.actual_period_id,
        actuals.actual_method,
        actuals.actual_status,
        actuals.actual_qualifier,
        {{ half_printed_unit('actuals.actual_decimals') }} as half_printed_unit,
        coalesce(actuals.is_inside, false) as is_inside,
        coalesce(actuals.is_at_end, false) as is_at_end,
        periods.end_date,
        provinces.valid_to
    from targets
    left join actuals
        on targets.target_id = actuals.target_id
    left join periods
        on targets.period_id = periods.period_id
    left join provinces
        on targets.province_id = provinces.province_id
),

-- Positive is better than asked. Inside a range the gap is the room to the nearer bound; an exact
-- target can only be hit, so its gap is never positive.
targets_compared as (
    select
        targets_joined.*,
        try_cast(
            case
                when not is_inside or end_date is null then null
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
            when valid_to < end_date and not is_at_end then 'area_ended'
            when actual_value is null then 'no_actual'
            when not is_inside then 'actual_before_target_period'
            when gap is null then 'out_of_range'
            when not is_at_end then 'period_still_open'
            when actual_qualifier = 'approx' and abs(gap) <= 2 * half_printed_unit
                then 'approximate'
        end as reason_code
    from targets_compared
),

-- On the bound itself the wording decides: "almost 80" is below 80, "more than 80" above it.
targets_met as (
    select
        targets_judged.*,
        case
            when reason_code is not null then null
            when gap <> 0 then gap > 0
            when comparator in ('ge', 'eq') or (comparator = 'range' and actual_value = value)
                then
                    coalesce(actual_qualifier, 'exact') not in ('almost', 'less_than')
                    and (
                        comparator <> 'eq' or coalesce(actual_qualifier, 'exact') <> 'more_than'
                    )
            when comparator in ('le', 'top_n', 'range')
                then coalesce(actual_qualifier, 'exact') <> 'more_than'
            when comparator = 'gt' then coalesce(actual_qualifier, 'exact') = 'more_than'
            when comparator = 'lt'
                then coalesce(actual_qualifier, 'exact') in ('almost', 'less_than')
        end as is_met
    from targets_judged
),

targets_noted as (
    select
        targets_met.*,
        case
            when reason_code = 'no_period' then 'Chỉ tiêu không ghi thời hạn.'
            when reason_code = 'no_target_value' then 'Chỉ tiêu không có giá trị đủ để so sánh.'
            when reason_code = 'area_ended'
                then 'Đơn vị hành chính đã kết thúc trước thời hạn của chỉ tiêu.'
            when reason_code = 'actual_before_target_period'
                then 'Số liệu mới nhất có trước kỳ của chỉ tiêu.'
            when reason_code = 'no_actual' then 'Chưa có số liệu thực hiện.'
            when reason_code = 'out_of_range' then 'Khoảng cách vượt quá phạm vi biểu diễn của số.'
            when reason_code = 'period_still_open'
                then 'Số liệu mới nhất có trước khi hết kỳ của chỉ tiêu: chưa thể kết luận.'
            when reason_code = 'approximate'
                then 'Số liệu ước chừng ngang mức đặt ra: không thể kết luận.'
            when comparator = 'eq' then 'Chỉ tiêu chính xác: khoảng cách là âm của độ lệch.'
            when comparator = 'range' then 'Khoảng: khoảng cách tính đến cận gần hơn.'
        end as note_vi,
        case
            when reason_code = 'no_period' then 'The target names no period.'
            when reason_code = 'no_target_value' then 'The target has no value to compare with.'
            when reason_code = 'area_ended' then 'The area ended before the target was due.'
            when reason_code = 'actual_before_target_period'
                then 'The latest figure is older than the period of the target.'
            when reason_code = 'no_actual' then 'There is no actual figure yet.'
            when reason_code = 'out_of_range' then 'The gap is larger than a value can be.'
            when reason_code = 'period_still_open'
                then 'The latest figure ends before the target period does: not judged yet.'
            when reason_code = 'approximate'
                then 'An approximate figure lies on what was asked: it cannot be judged.'
            when comparator = 'eq' then 'Exact target: the gap is minus the deviation.'
            when comparator = 'range' then 'Range: the gap is measured to the nearer bound.'
        end as note_en
    from targets_met
),

final as (
    select
        cast(target_id as string) as target_id,
        cast(province_id as string) as province_id,
        cast(indicator_code as string) as indicator_code,
        cast(period_id as string) as period_id,
        cast(breakdown as string) as breakdown,
        cast(value as decimal(28, 10)) as target_value,
        cast(value_upper as decimal(28, 10)) as target_value_upper,
        cast(comparator as string) as comparator,
        cast(target_status as string) as target_status,
        cast(actual_value as decimal(28, 10)) as actual_value,
        cast(actual_period_id as string) as actual_period_id,
        cast(actual_method as string) as actual_method,
        cast(actual_status as string) as actual_status,
        cast(actual_qualifier as string) as actual_qualifier,
        cast(gap as decimal(28, 10)) as gap,
        cast(is_met as boolean) as is_met,
        cast(reason_code as string) as reason_code,
        cast(note_vi as string) as note_vi,
        cast(note_en as string) as note_en,
        cast(unit as string) as unit
    from targets_noted
)

select * from final

with periods as (
    select * from {{ ref('int_periods') }}
),

roman_quarters as (
    select 1 as quarter, 'I' as roman
    union all
    select 2 as quarter, 'II' as roman
    union all
    select 3 as quarter, 'III' as roman
    union all
    select 4 as quarter, 'IV' as roman
),

month_names as (
    select 1 as month, 'January' as month_name
    union all
    select 2 as month, 'February' as month_name
    union all
    select 3 as month, 'March' as month_name
    union all
    select 4 as month, 'April' as month_name
    union all
    select 5 as month, 'May' as month_name
    union all
    select 6 as month, 'June' as month_name
    union all
    select 7 as month, 'July' as month_name
    union all
    select 8 as month, 'August' as month_name
    union all
    select 9 as month, 'September' as month_name
    union all
    select 10 as month, 'October' as month_name
    union all
    select 11 as month, 'November' as month_name
    union all
    select 12 as month, 'December' as month_name
),

periods_spelled as (
    select
        periods.*,
        roman_quarters.roman,
        month_names.month_name,
        cast(periods.year as string) as year_text,
        cast(periods.month as string) as month_text,
        cast(cast(extract(day from periods.start_date) as int) as string) as day_text
    from periods
    left join roman_quarters
        on periods.quarter = roman_quarters.quarter
    left join month_names
        on periods.month = month_names.month
),

labelled as (
    select
        periods_spelled.*,
        case
            when period_type = 'undated' then 'Không ghi thời kỳ'
            when period_type = 'year' then 'Năm ' || year_text
            when period_type = 'half' and half = 1 then '6 tháng đầu năm ' || year_text
            when period_type = 'half' then '6 tháng cuối năm ' || year_text
            when calendar = 'administrative'
                then 'Quý ' || roman || '/' || year_text || ' (kỳ báo cáo hành chính)'
            when period_type = 'quarter' then 'Quý ' || roman || '/' || year_text
            when period_type = 'month' then 'Tháng ' || month_text || '/' || year_text
            else 'Ngày ' || day_text || '/' || month_text || '/' || year_text
        end as label_vi,
        case
            when period_type = 'undated' then 'Undated'
            when period_type = 'year' then year_text
            when period_type = 'half' and half = 1 then 'First half of ' || year_text
            when period_type = 'half' then 'Second half of ' || year_text
            when calendar = 'administrative'
                then
                    'Q' || cast(quarter as string) || ' ' || year_text
                    || ' (administrative reporting quarter)'
            when period_type = 'quarter' then 'Q' || cast(quarter as string) || ' ' || year_text
            when period_type = 'month' then month_name || ' ' || year_text
            else day_text || ' ' || month_name || ' ' || year_text
        end as label_en
    from periods_spelled
),

final as (
    select
        cast(period_id as string) as period_id,
        cast(period_type as string) as period_type,
        cast(calendar as string) as calendar,
        cast(start_date as date) as start_date,
        cast(end_date as date) as end_date,
        cast(year as int) as year,
        cast(quarter as int) as quarter,
        cast(month as int) as month,
        cast(sort_key as bigint) as sort_key,
        cast(label_vi as string) as label_vi,
        cast(label_en as string) as label_en
    from labelled
)

select * from final

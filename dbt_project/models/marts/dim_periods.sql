with periods as (
    select * from {{ ref('int_periods') }}
),

periods_spelled as (
    select
        periods.*,
        split_part('I,II,III,IV', ',', periods.quarter) as roman,
        split_part(
            'January,February,March,April,May,June,July,August,September,October,November,December',
            ',',
            periods.month
        ) as month_name,
        cast(periods.year as string) as year_text,
        cast(periods.month as string) as month_text,
        cast(cast(extract(day from periods.start_date) as int) as string) as day_text
    from periods
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

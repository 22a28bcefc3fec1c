select
    parts.boundary_set,
    parts.province_id,
    provinces.name_vi as province_vi,
    provinces.name_en as province_en,
    provinces.region_vi,
    parts.indicator_code,
    indicators.name_vi as indicator_vi,
    indicators.name_en as indicator_en,
    indicators.unit,
    parts.period_id,
    periods.period_type,
    periods.start_date,
    periods.end_date,
    periods.year,
    periods.quarter,
    periods.month,
    parts.numerator,
    parts.denominator,
    parts.numerator_scaled,
    parts.denominator_period_id,
    parts.method,
    case
        when parts.value is not null
            then cast(parts.value as union(value decimal(28, 10)))  -- noqa
    end as ratio
from main.fct_ratio_parts as parts
inner join main.dim_provinces as provinces
    on parts.province_id = provinces.province_id
inner join main.dim_indicators as indicators
    on parts.indicator_code = indicators.indicator_code
inner join main.dim_periods as periods
    on parts.period_id = periods.period_id
where parts.area_level = 'province'

select
    services.boundary_set,
    services.province_id,
    provinces.name_vi as province_vi,
    provinces.name_en as province_en,
    provinces.region_vi,
    services.dimension,
    services.member,
    services.member_vi,
    services.member_en,
    services.is_approximate,
    services.indicator_code,
    indicators.name_vi as indicator_vi,
    indicators.name_en as indicator_en,
    services.unit,
    services.period_id,
    services.period_type,
    services.end_date,
    periods.year,
    periods.quarter,
    periods.month,
    services.numerator,
    services.denominator,
    cast(services.numerator * services.factor as decimal(28, 10)) as numerator_scaled,
    services.reason_code,
    case
        when services.value is not null
            then cast(services.value as union(value decimal(28, 10)))  -- noqa
    end as ratio
from main.rpt_online_services as services
inner join main.dim_provinces as provinces
    on services.province_id = provinces.province_id
inner join main.dim_indicators as indicators
    on services.indicator_code = indicators.indicator_code
inner join main.dim_periods as periods
    on services.period_id = periods.period_id
where services.factor is not null

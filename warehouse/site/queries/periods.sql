with mentioned as (
    select first_period_id as period_id from main.audit_loads
    union
    select last_period_id from main.audit_loads
)

select
    periods.period_id,
    periods.label_vi,
    periods.label_en
from main.dim_periods as periods
inner join mentioned on periods.period_id = mentioned.period_id

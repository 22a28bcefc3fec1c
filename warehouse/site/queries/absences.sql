-- What each source owed and did not give, of each kind the worst first. Figures of one period that
-- are absent in the same provinces share a row.
with owed as (
    select
        source_id,
        period_id,
        count(distinct province_id) as owed_provinces,
        count(distinct indicator_code || ' ' || breakdown) as owed_figures
    from main.rpt_obligations
    group by source_id, period_id
),

by_figure as (
    select
        source_id,
        state,
        period_id,
        due_on,
        days_late,
        held_load_id,
        reason,
        indicator_code,
        breakdown,
        list(province_id order by province_id) as province_ids
    from main.rpt_obligations
    where state <> 'delivered'
    group by all
),

by_provinces as (
    select
        * exclude (indicator_code, breakdown),
        list(
            struct_pack(indicator_code := indicator_code, breakdown := breakdown)
            order by indicator_code, breakdown
        ) as figures
    from by_figure
    group by all
),

in_order as (
    select
        *,
        len(province_ids) * len(figures) as figure_count,
        cast(sum(figure_count) over (partition by source_id, state) as bigint) as state_count,
        row_number() over (
            partition by source_id, state
            order by
                days_late desc nulls last,
                due_on asc,
                figure_count desc,
                province_ids asc,
                figures asc,
                reason asc
        ) as place
    from by_provinces
)

select
    in_order.*,
    periods.label_vi,
    periods.label_en,
    owed.owed_provinces,
    owed.owed_figures
from in_order
inner join main.dim_periods as periods on in_order.period_id = periods.period_id
inner join owed
    on in_order.source_id = owed.source_id and in_order.period_id = owed.period_id
where in_order.place <= getvariable('absences_shown')
order by
    in_order.source_id,
    in_order.state,
    in_order.place

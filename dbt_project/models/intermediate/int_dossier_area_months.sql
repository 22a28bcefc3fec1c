with coverage as (
    select * from {{ ref('int_dossier_coverage') }}
),

areas as (
    select * from {{ ref('int_dossier_areas') }}
),

successions as (
    select * from {{ ref('int_area_successions') }}
),

-- What a predecessor counts, the dossiers of its own predecessors among them, is what it passes on.
ways as (
    select
        coverage.province_id,
        coverage.event_month,
        areas.filed_in,
        case when areas.is_whole then 1 else 0 end as whole_flag
    from coverage
    inner join areas
        on coverage.province_id = areas.province_id
    where coverage.steps = 0
    union all
    select
        coverage.province_id,
        coverage.event_month,
        areas.filed_in,
        case when areas.is_whole and successions.is_whole then 1 else 0 end as whole_flag
    from coverage
    inner join successions
        on
            coverage.province_id = successions.area_id
            and coverage.steps = successions.steps
    inner join coverage as predecessors
        on
            successions.ancestor_id = predecessors.province_id
            and coverage.event_month = predecessors.event_month
    inner join areas
        on successions.ancestor_id = areas.province_id
    where
        coverage.steps > 0
        and predecessors.steps = 0
),

area_months as (
    select
        province_id,
        event_month,
        filed_in,
        min(whole_flag) = 1 as is_whole
    from ways
    group by province_id, event_month, filed_in
)

select * from area_months

with dossier_months as (
    select * from {{ ref('int_dossier_months') }}
),

successions as (
    select * from {{ ref('int_area_successions') }}
),

areas as (
    select
        province_id,
        min(event_month) as first_month
    from dossier_months
    group by province_id
),

-- A dossier stays where it was filed. When an area has dossiers of its own, those that were filed
-- with its predecessors are part of the same total, not another report of it.
dossier_areas as (
    select
        province_id,
        province_id as filed_in,
        true as is_whole,
        first_month
    from areas
    union all
    select
        areas.province_id,
        ancestors.province_id as filed_in,
        successions.is_whole,
        areas.first_month
    from areas
    inner join successions
        on areas.province_id = successions.area_id
    inner join areas as ancestors
        on successions.ancestor_id = ancestors.province_id
)

select * from dossier_areas

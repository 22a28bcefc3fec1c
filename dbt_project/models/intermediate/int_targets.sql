with targets as (
    select * from {{ ref('int_targets_unioned') }}
),

loads as (
    select * from {{ ref('int_loads_ordered') }}
),

file_replacements as (
    select * from {{ ref('int_file_replacements') }}
),

-- Of the loads that still count, the youngest file that states a target holds it; what a younger
-- file of the same name no longer says of a period is withdrawn. A draft and the target adopted
-- after it are two targets.
targets_ordered as (
    select
        targets.*,
        loads.known_from,
        row_number() over (
            partition by
                targets.source_id,
                targets.province_id,
                targets.indicator_code,
                targets.period_id,
                targets.breakdown,
                targets.comparator,
                targets.target_status
            order by
                loads.file_order_no desc nulls last,
                loads.accept_no desc nulls last,
                targets.load_id desc nulls last,
                targets.row_no asc nulls last
        ) as newest_first_no
    from targets
    inner join loads
        on targets.load_id = loads.load_id
    left join file_replacements
        on
            targets.load_id = file_replacements.load_id
            and targets.period_id = file_replacements.period_id
    where
        not loads.is_superseded
        and not coalesce(file_replacements.is_replaced, false)
),

targets_keyed as (
    select
        targets_ordered.*,
        md5(
            source_id || '|' || province_id || '|' || indicator_code || '|' || period_id
            || '|' || breakdown || '|' || comparator || '|' || target_status
        ) as target_id
    from targets_ordered
    where newest_first_no = 1
)

select * from targets_keyed

with targets as (
    select * from {{ ref('int_targets_unioned') }}
),

loads as (
    select * from {{ ref('int_loads_ordered') }}
),

-- Of the loads that still count, the youngest file that states a target holds it.
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
                targets.comparator
            order by
                loads.file_order_no desc nulls last,
                loads.accept_no desc nulls last,
                targets.load_id desc,
                targets.row_no asc
        ) as newest_first_no
    from targets
    inner join loads
        on targets.load_id = loads.load_id
    where not loads.is_superseded
),

targets_keyed as (
    select
        targets_ordered.*,
        md5(
            source_id || '|' || province_id || '|' || indicator_code || '|' || period_id
            || '|' || breakdown || '|' || comparator
        ) as target_id
    from targets_ordered
    where newest_first_no = 1
)

select * from targets_keyed

with loads as (
    select * from {{ ref('stg_loads') }}
),

-- A file read again with changed rules is a new load with a late accept_no. It must not overtake
-- a younger file of its source, so it keeps the place of the first load of the same bytes.
ordered as (
    select
        loads.*,
        loads.superseded_by is not null as is_superseded,
        min(loads.accept_no) over (
            partition by loads.source_id, loads.file_sha256
        ) as file_order_no
    from loads
)

select * from ordered

with loads as (
    select * from {{ ref('stg_loads') }}
),

-- Readings of the same bytes stand side by side in accept_no. As files they share one place, so
-- that a file read again with changed rules does not overtake a younger one of its source.
ordered as (
    select
        loads.*,
        loads.superseded_by is not null
        or loads.verdict not in ('accepted', 'accepted_with_warnings') as is_superseded,
        min(loads.accept_no) over (
            partition by loads.source_id, loads.file_sha256
        ) as file_order_no
    from loads
)

select * from ordered

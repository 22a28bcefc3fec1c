with source as (
    select * from {{ source('inputs', 'transactions') }}
),

renamed as (
    select
        ---------- ids
        cast(load_id as string) as load_id,
        cast(source_id as string) as source_id,
        cast(row_no as bigint) as row_no,
        cast(dossier_key as string) as dossier_key,
        cast(dossier_month as string) as dossier_month,
        cast(province_id as string) as province_id,
        cast(procedure_code as string) as procedure_code,

        ---------- texts
        cast(boundary_set as string) as boundary_set,
        cast(service_level as string) as service_level,
        cast(channel as string) as channel,
        cast(state as string) as state,
        cast(cell as string) as cell,
        cast(field_code as string) as field_code,

        ---------- numerics
        cast(sequence as bigint) as sequence,
        cast(fee_vnd as decimal(18, 0)) as fee_vnd,

        ---------- booleans
        cast(paid_online as boolean) as is_paid_online,
        cast(digitised as boolean) as is_digitised,

        ---------- timestamps
        cast(submitted_at as timestamp) as submitted_at,
        cast(received_at as timestamp) as received_at,
        cast(due_at as timestamp) as due_at,
        cast(finished_at as timestamp) as finished_at,
        cast(returned_at as timestamp) as returned_at,
        cast(event_at as timestamp) as event_at
    from source
)

select * from renamed

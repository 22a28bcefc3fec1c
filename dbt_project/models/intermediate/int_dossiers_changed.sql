-- A post-hook (insert_later_months) runs this again for the months that follow: an engine keeps
-- every dossier in memory while it looks for its last state.
with transactions as (
    select * from {{ ref('stg_transactions') }}
    where {{ is_in_months('dossier_month', first_changed_months()) }}
),

loads as (
    select * from {{ ref('int_loads_ordered') }}
),

sources as (
    select * from {{ ref('stg_sources') }}
),

states as (
    select * from {{ ref('dossier_states') }}
),

-- The portal with the lowest rank speaks for a dossier, then its last state; then the file that was
-- accepted later (first accepted: reading it again makes it no younger), then the later line.
winners as (
    select
        max_by(
            {{ struct_of({
                'dossier_month': 'transactions.dossier_month',
                'source_id': 'transactions.source_id',
                'province_id': 'transactions.province_id',
                'procedure_code': 'transactions.procedure_code',
                'service_level': 'transactions.service_level',
                'channel': 'transactions.channel',
                'field_code': 'transactions.field_code',
                'state': 'transactions.state',
                'submitted_at': 'transactions.submitted_at',
                'received_at': 'transactions.received_at',
                'due_at': 'transactions.due_at',
                'finished_at': 'transactions.finished_at',
                'returned_at': 'transactions.returned_at',
                'event_at': 'transactions.event_at',
                'is_paid_online': 'transactions.is_paid_online',
                'is_digitised': 'transactions.is_digitised',
                'fee_vnd': 'transactions.fee_vnd',
            }) }},
            {{ struct_of({
                'precedence': '-coalesce(sources.rank, 2147483647)',
                'event_at': 'transactions.event_at',
                'sequence': 'coalesce(transactions.sequence, -9223372036854775807)',
                'file_order_no': 'coalesce(loads.file_order_no, 0)',
                'row_no': 'transactions.row_no',
            }) }}
        ) as winner
    from transactions
    left join loads
        on transactions.load_id = loads.load_id
    left join sources
        on transactions.source_id = sources.source_id
    group by transactions.dossier_key
),

latest_states as (
    select
        winner.dossier_month,
        winner.source_id,
        winner.province_id,
        winner.procedure_code,
        coalesce(winner.service_level, '_unknown') as service_level,
        coalesce(winner.channel, '_unknown') as channel,
        coalesce(winner.field_code, '_unknown') as field_code,
        winner.state,
        winner.submitted_at,
        winner.received_at,
        winner.due_at,
        winner.finished_at,
        winner.event_at,
        coalesce(winner.returned_at, winner.finished_at) as left_at,
        coalesce(winner.is_paid_online, false) as is_paid_online,
        winner.is_paid_online is not null as is_payment_stated,
        winner.is_digitised,
        coalesce(winner.fee_vnd, 0) as fee_vnd
    from winners
),

-- Who is worked on or answered was received, even where the portal forgot the day. Who was refused
-- or withdrew without a day of receipt never was.
dossiers_staged as (
    select
        latest_states.*,
        states.stage,
        case
            when latest_states.received_at is not null then latest_states.received_at
            when states.stage in ('received', 'processing', 'resolved')
                then coalesce(latest_states.submitted_at, latest_states.event_at)
        end as entered_at,
        case
            when states.stage = 'resolved' then latest_states.finished_at
            when states.stage in ('refused', 'withdrawn')
                then coalesce(latest_states.left_at, latest_states.event_at)
        end as ended_at
    from latest_states
    left join states
        on latest_states.state = states.state
),

-- Nothing leaves before it came: where a portal's clocks say so, it came when it left. So no stock
-- is ever negative.
dossiers_dated as (
    select
        dossiers_staged.*,
        cast(submitted_at as date) as submitted_on,
        case
            when entered_at is not null then cast(least(entered_at, ended_at) as date)
        end as received_on,
        case when stage = 'resolved' then cast(ended_at as date) end as resolved_on,
        case
            when stage <> 'resolved' and entered_at is not null then cast(ended_at as date)
        end as returned_on,
        case
            when stage = 'refused' and entered_at is null then cast(ended_at as date)
        end as refused_on,
        cast(due_at as date) as due_on
    from dossiers_staged
),

dossiers_with_months as (
    select
        dossiers_dated.*,
        cast(date_trunc('month', coalesce(resolved_on, returned_on)) as date) as left_month,
        case
            when received_on is not null and due_on is not null
                then greatest(due_on + 1, received_on)
        end as late_from
    from dossiers_dated
),

-- A dossier that left late was overdue at the ends of the months in between.
dossiers as (
    select
        dossier_month,
        source_id,
        province_id,
        procedure_code,
        service_level,
        channel,
        field_code,
        stage,
        is_paid_online,
        is_payment_stated,
        is_digitised,
        cast(fee_vnd as decimal(18, 0)) as fee_vnd,
        cast(date_trunc('month', submitted_on) as date) as submitted_month,
        cast(date_trunc('month', received_on) as date) as received_month,
        cast(date_trunc('month', resolved_on) as date) as resolved_month,
        cast(date_trunc('month', returned_on) as date) as returned_month,
        cast(date_trunc('month', refused_on) as date) as refused_month,
        left_month,
        coalesce(resolved_on < due_on, false) as is_early,
        coalesce(resolved_on > due_on, false) as is_late,
        late_from,
        case
            when date_trunc('month', late_from) < left_month
                then cast(date_trunc('month', late_from) as date)
        end as late_stock_from,
        case when date_trunc('month', late_from) < left_month then left_month end as late_stock_to,
        {{ days_between('received_on', 'resolved_on') }} as processing_days
    from dossiers_with_months
)

select * from dossiers

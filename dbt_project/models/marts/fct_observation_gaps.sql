with spans as (
    select * from {{ ref('int_observation_spans') }}
),

vintages as (
    select * from {{ ref('int_observation_vintages') }}
),

spans_ordered as (
    select
        spans.province_id,
        spans.indicator_code,
        spans.period_id,
        spans.basis,
        spans.breakdown,
        spans.source_id,
        spans.load_id,
        spans.latest_from,
        coalesce(
            lag(spans.latest_to) over (
                partition by
                    spans.province_id,
                    spans.indicator_code,
                    spans.period_id,
                    spans.basis,
                    spans.breakdown,
                    spans.source_id,
                    spans.load_id
                order by spans.latest_from asc nulls last
            ),
            vintages.known_from
        ) as ended_before
    from spans
    inner join vintages
        on
            spans.province_id = vintages.province_id
            and spans.indicator_code = vintages.indicator_code
            and spans.period_id = vintages.period_id
            and spans.basis = vintages.basis
            and spans.breakdown = vintages.breakdown
            and spans.source_id = vintages.source_id
            and spans.load_id = vintages.load_id
),

gaps as (
    select * from spans_ordered
    where ended_before < latest_from
),

final as (
    select
        cast(province_id as string) as province_id,
        cast(indicator_code as string) as indicator_code,
        cast(period_id as string) as period_id,
        cast(basis as string) as basis,
        cast(breakdown as string) as breakdown,
        cast(source_id as string) as source_id,
        cast(load_id as string) as load_id,
        cast(ended_before as timestamp) as gap_from,
        cast(latest_from as timestamp) as gap_to
    from gaps
)

select * from final

with subscribers as (
    select * from {{ ref('stg_subscribers') }}
),

indicators as (
    select * from {{ ref('stg_indicators') }}
),

shapes_unioned as (
    select * from subscribers
    union all
    select * from indicators
),

targets as (
    select * from shapes_unioned
    where kind = 'target'
)

select * from targets

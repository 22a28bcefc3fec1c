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

observations as (
    select * from shapes_unioned
    where kind = 'observation'
)

select * from observations

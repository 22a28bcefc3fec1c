{#- What the engine knows of an indicator beyond its own row, each kind as the same few columns. -#}
with index_weights as (
    select * from {{ ref('index_weights') }}
),

area_rule_years as (
    select * from {{ ref('area_rule_years') }}
),

editions as (
    select * from {{ ref('indicator_editions') }}
),

measures as (
    select * from {{ ref('ranking_measures') }}
),

dimensions as (
    select * from {{ ref('breakdown_dimensions') }}
),

exceptions as (
    select * from {{ ref('non_additive_breakdowns') }}
),

expected_members as (
    select * from {{ ref('stg_expected_members') }}
),

rules_unioned as (
    select
        'index_weight' as rule_type,
        indicator_code,
        part_code as item_code,
        cast(null as string) as source_id,
        cast(first_year as string) as first_period_id,
        cast(last_year as string) as last_period_id,
        cast(weight as decimal(28, 10)) as value,
        source as reason
    from index_weights
    union all
    select
        'area_rule_years' as rule_type,
        indicator_code,
        cast(null as string) as item_code,
        cast(null as string) as source_id,
        cast(first_year as string) as first_period_id,
        cast(last_year as string) as last_period_id,
        cast(null as decimal(28, 10)) as value,
        why as reason
    from area_rule_years
    union all
    select
        'edition' as rule_type,
        indicator_code,
        edition as item_code,
        cast(null as string) as source_id,
        cast(first_year as string) as first_period_id,
        cast(last_year as string) as last_period_id,
        cast(null as decimal(28, 10)) as value,
        legal_basis as reason
    from editions
    union all
    select
        'measure_of_' || measure as rule_type,
        ranked_code as indicator_code,
        indicator_code as item_code,
        cast(null as string) as source_id,
        cast(null as string) as first_period_id,
        cast(null as string) as last_period_id,
        cast(null as decimal(28, 10)) as value,
        cast(null as string) as reason
    from measures
    union all
    select
        'additive_dimension' as rule_type,
        cast(null as string) as indicator_code,
        dimension as item_code,
        cast(null as string) as source_id,
        cast(null as string) as first_period_id,
        cast(null as string) as last_period_id,
        cast(null as decimal(28, 10)) as value,
        cast(null as string) as reason
    from dimensions
    where is_additive
    union all
    select
        'not_additive' as rule_type,
        indicator_code,
        dimension as item_code,
        cast(null as string) as source_id,
        cast(null as string) as first_period_id,
        cast(null as string) as last_period_id,
        cast(null as decimal(28, 10)) as value,
        reason
    from exceptions
    union all
    select
        'expected_member' as rule_type,
        indicator_code,
        breakdown as item_code,
        source_id,
        expected_from as first_period_id,
        expected_to as last_period_id,
        cast(null as decimal(28, 10)) as value,
        cast(null as string) as reason
    from expected_members
    union all
    select
        'max_weight_age_years' as rule_type,
        cast(null as string) as indicator_code,
        cast(null as string) as item_code,
        cast(null as string) as source_id,
        cast(null as string) as first_period_id,
        cast(null as string) as last_period_id,
        cast({{ var('max_weight_age_years') }} as decimal(28, 10)) as value,
        cast(null as string) as reason
),

final as (
    select
        cast(
            concat_ws('/', rule_type, indicator_code, item_code, source_id, first_period_id)
            as string
        ) as rule_id,
        cast(rule_type as string) as rule_type,
        cast(indicator_code as string) as indicator_code,
        cast(item_code as string) as item_code,
        cast(source_id as string) as source_id,
        cast(first_period_id as string) as first_period_id,
        cast(last_period_id as string) as last_period_id,
        cast(value as decimal(28, 10)) as value,
        cast(reason as string) as reason
    from rules_unioned
)

select * from final

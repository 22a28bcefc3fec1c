{#- What the engine knows of an indicator beyond its own row: where each kind is from, its name, and
    what it tells; what it does not tell is a null of its type. -#}
{%- set kinds = [
    ('index_weights', "'index_weight'", {
        'indicator_code': 'indicator_code', 'item_code': 'part_code',
        'first_period_id': 'first_year', 'last_period_id': 'last_year', 'value': 'weight',
        'reason': 'source',
    }),
    ('area_rule_years', "'area_rule_years'", {
        'indicator_code': 'indicator_code', 'first_period_id': 'first_year',
        'last_period_id': 'last_year', 'reason': 'why',
    }),
    ('editions', "'edition'", {
        'indicator_code': 'indicator_code', 'item_code': 'edition',
        'first_period_id': 'first_year', 'last_period_id': 'last_year', 'reason': 'legal_basis',
    }),
    ('measures', "'measure_of_' || measure", {
        'indicator_code': 'ranked_code', 'item_code': 'indicator_code',
    }),
    ('additive_dimensions', "'additive_dimension'", {'item_code': 'dimension'}),
    ('exceptions', "'not_additive'", {
        'indicator_code': 'indicator_code', 'item_code': 'dimension', 'reason': 'reason',
    }),
    ('expected_members', "'expected_member'", {
        'indicator_code': 'indicator_code', 'item_code': 'breakdown', 'source_id': 'source_id',
        'first_period_id': 'expected_from', 'last_period_id': 'expected_to',
    }),
    ('weight_ages', "'max_weight_age_years'", {'value': 'max_weight_age_years'}),
] -%}
{%- set types = {
    'indicator_code': 'string',
    'item_code': 'string',
    'source_id': 'string',
    'first_period_id': 'string',
    'last_period_id': 'string',
    'value': 'decimal(28, 10)',
    'reason': 'string',
} -%}

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

additive_dimensions as (
    select * from {{ ref('breakdown_dimensions') }}
    where is_additive
),

exceptions as (
    select * from {{ ref('non_additive_breakdowns') }}
),

expected_members as (
    select * from {{ ref('stg_expected_members') }}
),

weight_ages as (
    select {{ var('max_weight_age_years') }} as max_weight_age_years
),

rules_unioned as (
    {%- for table, rule_type, told in kinds %}
    select
        {%- for column, type in types.items() %}
        cast({{ told.get(column, 'null') }} as {{ type }}) as {{ column }},
        {%- endfor %}
        {{ rule_type }} as rule_type
    from {{ table }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
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

{#- Each way to a value with what it tells beside key, value, unit, status, qualifier, known_from;
    what it does not tell is a null of its type. -#}
{%- set coverage = ['coverage_of', 'coverage_count', 'coverage_expected'] -%}
{%- set sum = ['basis', 'partial_value', 'reason_code'] + coverage -%}
{%- set origin = ['source_id', 'load_id', 'source_rank', 'is_natural_basis', 'accept_no'] -%}
{%- set ways = [
    ('reported', "'reported'", ['basis', 'decimals', 'is_promised'] + origin),
    ('breakdown_sums', "'breakdown_sum'", sum + ['is_natural_basis']),
    (
        'ratios',
        "case when crosses_boundary then 'boundary_ratio' else 'ratio' end",
        ['reason_code', 'denominator_period_id'],
    ),
    ('ytd_flows', "'ytd_flow'", sum + origin),
    ('rollups', "'rollup'", sum),
    ('boundary_sums', "'boundary_sum'", sum),
    (
        'boundary_means',
        'derivation',
        ['basis', 'reason_code', 'denominator_period_id'] + coverage,
    ),
    ('composites', "'composite'", ['reason_code', 'rounding']),
] -%}
{%- set types = {
    'basis': 'string',
    'partial_value': 'decimal(28, 10)',
    'decimals': 'int',
    'reason_code': 'string',
    'coverage_of': 'string',
    'coverage_count': 'int',
    'coverage_expected': 'int',
    'denominator_period_id': 'string',
    'source_id': 'string',
    'load_id': 'string',
    'source_rank': 'int',
    'is_promised': 'boolean',
    'is_natural_basis': 'boolean',
    'accept_no': 'bigint',
    'rounding': 'decimal(28, 10)',
} -%}

with reported as (
    select * from {{ ref('int_reported_values') }}
),

breakdown_sums as (
    select * from {{ ref('int_breakdown_sums') }}
),

ytd_flows as (
    select * from {{ ref('int_ytd_flows') }}
),

-- What these three have in common with all of their indicator is not written with each of their
-- rows. Each names the catalogue itself: around an import that all share, engines read every column
-- of the tables here, also for a query that asks for few.
ratios as (
    select
        ratios.*,
        indicators.unit,
        {{ derived_status(
            'ratios.reason_code', 'ratios.is_inexact or ratios.denominator_age_years > 0'
        ) }} as status,
        {{ derived_qualifier('ratios.reason_code', 'ratios.is_inexact') }} as qualifier
    from {{ ref('int_ratios') }} as ratios
    inner join {{ ref('indicators') }} as indicators
        on ratios.indicator_code = {{ code('indicators.indicator_code') }}
),

rollups as (
    select
        rolled.*,
        indicators.unit,
        {{ derived_status('rolled.reason_code', 'rolled.is_inexact') }} as status,
        {{ derived_qualifier('rolled.reason_code', 'rolled.is_inexact') }} as qualifier
    from {{ ref('int_rollups') }} as rolled
    inner join {{ ref('indicators') }} as indicators
        on rolled.indicator_code = {{ code('indicators.indicator_code') }}
),

boundary_sums as (
    select
        sums.*,
        'province' as coverage_of,
        indicators.unit,
        {{ derived_status('sums.reason_code', 'sums.is_inexact') }} as status,
        {{ derived_qualifier('sums.reason_code', 'sums.is_inexact') }} as qualifier
    from {{ ref('int_boundary_sums') }} as sums
    inner join {{ ref('indicators') }} as indicators
        on sums.indicator_code = {{ code('indicators.indicator_code') }}
),

boundary_means as (
    select * from {{ ref('int_boundary_means') }}
),

composites as (
    select * from {{ ref('int_composites') }}
),

candidates as (
    {%- for way, derivation, told in ways %}
    select
        {{ code('province_id') }} as province_id,
        {{ code('indicator_code') }} as indicator_code,
        {{ code('period_id') }} as period_id,
        {{ derivation }} as derivation,
        value,
        unit,
        status,
        qualifier,
        {%- for column, type in types.items() %}
        {{ column if column in told else 'cast(null as ' ~ type ~ ') as ' ~ column }},
        {%- endfor %}
        known_from
    from {{ way }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- A flow made of running totals is rolled up like any other.
candidates_named as (
    select
        candidates.*,
        case
            when reason_code is not null then 'not_derivable'
            when derivation = 'ytd_flow' then 'rollup'
            else derivation
        end as method
    from candidates
)

select * from candidates_named

{# factor * numerator / denominator as decimal(28, 10): one division, rounded half away from zero.

   Engines disagree on decimal division (DuckDB returns a double), so the quotient is made of
   integers in DuckDB and of wide decimals elsewhere: both give the true quotient at 10 decimals.
   Parts are taken at 6 decimals (counts have none, money in billions has 3) and the factor is a
   whole number (a test of the seed). A zero denominator gives null, and so does a quotient that
   cannot be held exactly (parts beyond 1e17): a figure must never make the build fail. #}
{% macro exact_ratio(numerator, denominator, factor) -%}
    {{ return(adapter.dispatch('exact_ratio', 'sotinh')(numerator, denominator, factor)) }}
{%- endmacro %}

{% macro default__exact_ratio(numerator, denominator, factor) -%}
try_cast(
    try_divide(
        try_cast({{ factor }} * {{ numerator }} as decimal(24, 6)),
        try_cast({{ denominator }} as decimal(18, 4))
    )
    as decimal(28, 10)
)
{%- endmacro %}

{% macro duckdb__exact_ratio(numerator, denominator, factor) -%}
{%- set n = micro_units(numerator) ~ ' * cast(' ~ factor ~ ' as int)' -%}
{%- set d = 'nullif(' ~ micro_units(denominator) ~ ', 0)' -%}
try(cast(
    cast(
        sign({{ n }}) * sign({{ d }})
        * ((abs({{ n }}) * 20000000000 + abs({{ d }})) // (2 * abs({{ d }})))
        as decimal(28, 0)
    ) * cast(0.0000000001 as decimal(10, 10))
    as decimal(28, 10)
))
{%- endmacro %}

{# A decimal as a whole number of millionths. #}
{% macro micro_units(expression) -%}
cast({{ expression }} * 1000000 as hugeint)
{%- endmacro %}

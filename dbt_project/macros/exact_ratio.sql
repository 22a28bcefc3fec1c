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

{# DuckDB divides 128-bit integers a hundred times slower than 64-bit ones. Counts, which nearly all
   parts are, fit in 64 bits and are divided there, by hand: ten decimals in two steps of five. Only
   what is no count is left to a case: inside one, repeated terms are worked out again and again. #}
{% macro duckdb__exact_ratio(numerator, denominator, factor) -%}
{%- set n -%}
case
    when
        {{ numerator }} between 0 and 100000000000
        and {{ factor }} between 0 and 10000
        and {{ numerator }} = {{ whole_number(numerator) }}
        then {{ whole_number(numerator) }} * {{ whole_number(factor) }}
end
{%- endset -%}
{%- set d -%}
case
    when
        {{ denominator }} between 1 and 10000000000000
        and {{ denominator }} = {{ whole_number(denominator) }}
        then {{ whole_number(denominator) }}
end
{%- endset -%}
coalesce(
    {{ ratio_of_counts('(' ~ n ~ ')', '(' ~ d ~ ')') }},
    case
        when {{ denominator }} <> 0 and (({{ n }}) is null or ({{ d }}) is null)
            then {{ ratio_of_decimals(numerator, denominator, factor) }}
    end
)
{%- endmacro %}

{# A number rounded to a whole one by way of a double, null beyond 64 bits. Where it equals the
   number, as counts below 2^53 do, nothing was lost. #}
{% macro whole_number(expression) -%}
try_cast(cast({{ expression }} as double) as bigint)
{%- endmacro %}

{# The quotient of whole numbers n (scaled by the factor) and d, null where one of them is. #}
{% macro ratio_of_counts(n, d) -%}
{%- set shifted = '(' ~ n ~ ' % ' ~ d ~ ' * 100000)' -%}
cast(
    cast({{ n }} // {{ d }} as decimal(28, 10))
    + cast(
        {{ shifted }} // {{ d }} * 100000
        + ({{ shifted }} % {{ d }} * 200000 + {{ d }}) // (2 * {{ d }})
        as decimal(18, 0)
    ) * cast(0.0000000001 as decimal(10, 10))
    as decimal(28, 10)
)
{%- endmacro %}

{% macro ratio_of_decimals(numerator, denominator, factor) -%}
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

{# Half a unit of the last printed digit as decimal; 0 for a figure that was not printed. #}
{% macro half_printed_unit(decimals) -%}
coalesce(cast(0.5 * power(10, -{{ decimals }}) as decimal(28, 10)), 0)
{%- endmacro %}

{# Half a unit of the last printed digit, as decimal read from `5e-2`; 0 for a figure that was not
   printed. #}
{% macro half_printed_unit(decimals) -%}
coalesce(try_cast('5e' || cast(-1 - {{ decimals }} as string) as decimal(28, 10)), 0)
{%- endmacro %}

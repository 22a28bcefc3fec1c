{# Whole days from one date to another; null when either is. #}
{% macro days_between(first_date, last_date) -%}
cast({{ dbt.datediff(first_date, last_date, 'day') }} as int)
{%- endmacro %}

{# Whole days from one date to another; null when either is. #}
{% macro days_between(first_date, last_date) -%}
cast({{ dbt.datediff(first_date, last_date, 'day') }} as int)
{%- endmacro %}

{# The date a number of days after another; null when either is. #}
{% macro days_after(days, first_date) -%}
cast({{ dbt.dateadd('day', days, first_date) }} as date)
{%- endmacro %}

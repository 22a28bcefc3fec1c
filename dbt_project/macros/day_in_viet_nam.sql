{# The day in Viet Nam of a moment that is stored in UTC: there is no summer time there. #}
{% macro day_in_viet_nam(moment) -%}
cast({{ moment }} + interval 7 hours as date)
{%- endmacro %}

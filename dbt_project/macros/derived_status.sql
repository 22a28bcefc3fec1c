{# Status of a derived value: none where there is a reason, else an estimate when a part of it is
   one, else normal. #}
{% macro derived_status(reason_code, is_estimated) -%}
case
            when {{ reason_code }} is not null then 'O'
            when {{ is_estimated }} then 'E'
            else 'A'
        end
{%- endmacro %}

{# Qualifier of a derived value: as loose as its loosest part; null where there is no value. #}
{% macro derived_qualifier(reason_code, is_loose) -%}
case
            when {{ reason_code }} is not null then null
            when {{ is_loose }} then 'approx'
            else 'exact'
        end
{%- endmacro %}

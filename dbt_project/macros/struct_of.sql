{# One value of several named fields, compared field by field: what max_by picks a row by.
   `fields` maps names to expressions; in what it is compared by, none may be null. #}
{% macro struct_of(fields) -%}
    {{ return(adapter.dispatch('struct_of', 'sotinh')(fields)) }}
{%- endmacro %}

{% macro default__struct_of(fields) -%}
named_struct({% for name, expression in fields.items() %}'{{ name }}', {{ expression }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro duckdb__struct_of(fields) -%}
struct_pack({% for name, expression in fields.items() %}{{ name }} := {{ expression }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

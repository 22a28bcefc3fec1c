{# Whether a figure is provisional, estimated or worded loosely ("hơn", "gần", "khoảng"):
   what is derived from it is an estimate. #}
{% macro is_inexact(status, qualifier) -%}
(
            coalesce({{ qualifier }}, 'exact') <> 'exact'
            or ';' || coalesce({{ status }}, 'A') || ';' like '%;P;%'
            or ';' || coalesce({{ status }}, 'A') || ';' like '%;E;%'
        )
{%- endmacro %}

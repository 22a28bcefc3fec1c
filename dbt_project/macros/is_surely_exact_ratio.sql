{# Whether doubles alone prove a value to be exact_ratio of its parts; false is no proof of anything.
   Below 1000 they are true to far less than a hundredth of the tenth decimal, so what lies within
   0.49 of it is rounded right. It costs a tenth of the division. #}
{% macro is_surely_exact_ratio(value, numerator, denominator, factor) -%}
coalesce(
    abs({{ value }}) < 1000
    and abs(
        cast({{ value }} as double)
        - cast({{ numerator }} as double) * cast({{ factor }} as double)
        / nullif(cast({{ denominator }} as double), 0)
    ) < 0.000000000049,
    false
)
{%- endmacro %}

{# Place of what was carried from one generation of areas among all generations: the nearest one in
   which anything has a number, so that an area never differs from its own predecessors. #}
{% macro nearest_set_order() -%}
row_number() over (
            partition by province_id, indicator_code, period_id
            order by
                case when number_count = 0 then 1 else 0 end asc nulls last,
                steps asc nulls last,
                coverage_count desc nulls last,
                basis asc nulls last
        )
{%- endmacro %}

{# Place of a candidate among those of its key: a number beats a null, then the method, then the
   source's rank, then what was accepted first; the rest only makes the order total. #}
{% macro candidate_order() -%}
row_number() over (
            partition by province_id, indicator_code, period_id
            order by
                case when value is null then 1 else 0 end,
                case derivation
                    when 'reported' then 1
                    when 'breakdown_sum' then 2
                    when 'ratio' then 3
                    else 9
                end,
                source_rank nulls last,
                accept_no nulls last,
                source_id nulls last,
                load_id nulls last,
                basis nulls last,
                coverage_of nulls last
        )
{%- endmacro %}

{# Place of a candidate among those of its key: a number beats a null, then the method, then the
   source's rank, then a source that promises the figure, then the basis natural to the indicator,
   then what was accepted first; the rest only makes the order total. A difference of a source's
   running totals comes behind what is stated or summed and before what is rolled up. #}
{% macro candidate_order() -%}
row_number() over (
            partition by province_id, indicator_code, period_id
            order by
                case when value is null then 1 else 0 end asc nulls last,
                case derivation
                    when 'reported' then 1
                    when 'breakdown_sum' then 2
                    when 'ytd_flow' then 3
                    when 'ratio' then 4
                    when 'composite' then 5
                    when 'rollup' then 6
                    when 'boundary_sum' then 7
                    when 'boundary_ratio' then 7
                    when 'boundary_mean' then 7
                    when 'boundary_weighted' then 7
                    else 9
                end asc nulls last,
                source_rank asc nulls last,
                is_promised desc nulls last,
                is_natural_basis desc nulls last,
                accept_no asc nulls last,
                source_id asc nulls last,
                load_id asc nulls last,
                basis asc nulls last,
                coverage_of asc nulls last
        )
{%- endmacro %}

{# Values that are in none of the rows they refer to, for all foreign keys of a table in one query;
   a null refers to nothing and passes. `keys` lists column, to (a ref) and field. #}
{% test references(model, keys) %}

{% for key in keys -%}
select
    '{{ key.column }}' as column_name,
    cast(children.{{ key.column }} as string) as missing_value,
    count(*) as row_count
from {{ model }} as children
left join {{ key.to }} as parents
    on children.{{ key.column }} = parents.{{ key.field }}
where
    children.{{ key.column }} is not null
    and parents.{{ key.field }} is null
group by children.{{ key.column }}
{% if not loop.last %}union all
{% endif %}
{%- endfor %}

{% endtest %}

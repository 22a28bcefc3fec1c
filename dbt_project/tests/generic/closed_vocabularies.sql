{# Values outside the closed vocabularies of a table, all columns in one query; null passes. #}
{% test closed_vocabularies(model, columns) %}

{% for column, words in columns.items() -%}
select
    '{{ column }}' as column_name,
    {{ column }} as unknown_word,
    count(*) as row_count
from {{ model }}
where
    {{ column }} is not null
    and {{ column }} not in ('{{ words | join("', '") }}')
group by {{ column }}
{% if not loop.last %}union all
{% endif %}
{%- endfor %}

{% endtest %}

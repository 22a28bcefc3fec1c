{# Offenders against a key: combinations that occur twice, or with a null in them. One query for
   what unique and not_null would ask column by column. `few` names a column of the key with few
   different values, as periods: it changes what the query costs on millions of rows, never what it
   finds. #}
{% test primary_key(model, columns, few=none) %}

{%- if few is none %}
select
    {{ columns | join(',\n    ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}

{%- else %}
{%- set others = columns | reject('equalto', few) | list %}
with crowded as (
    {{ crowded_groups(model, others, few) }}
)

select
    {{ columns | join(',\n    ') }},
    count(*) as row_count
from {{ model }} as keys
semi join crowded
    on
        {%- for column in others %}
        {{ 'and ' if not loop.first }}keys.{{ column }} = crowded.{{ column }}
        {%- endfor %}
where {{ few }} is not null
group by {{ columns | join(', ') }}
having count(*) > 1
union all
select
    {{ columns | join(',\n    ') }},
    count(*) as row_count
from {{ model }}
where
    {%- for column in columns %}
    {{ 'or ' if not loop.first }}{{ column }} is null
    {%- endfor %}
group by {{ columns | join(', ') }}
{%- endif %}

{% endtest %}

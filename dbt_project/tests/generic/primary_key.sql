{# Offenders against a key: combinations that occur twice, or with a null in them. One query for
   what unique and not_null would ask column by column. #}
{% test primary_key(model, columns) %}

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

{% endtest %}

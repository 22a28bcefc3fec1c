{# Offenders against a key: combinations that occur twice, or with a null in them. One query for
   what unique and not_null would ask column by column.

   On millions of rows it is cheaper to name a column of the key with few different values, and the
   table that lists them: `few: {column: period_id, to: ref('int_periods')}`. Each value is a bit of a
   word of sixty, and rows are counted by the other columns and the word: as many rows as bits, and
   none came twice. A value that is not listed is counted as it is. Offenders are told with the
   first and the last of the values among which one came twice. #}
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
{%- set others = columns | reject('equalto', few.column) | list %}
with numbers as (
    select
        {{ few.column }},
        row_number() over (order by {{ few.column }} nulls last) as number
    from (select distinct {{ few.column }} from {{ few.to }})
),

bits as (
    select
        {{ few.column }},
        cast(floor(number / 60) as int) as word_no,
        cast(power(2, number % 60) as bigint) as bit
    from numbers
),

keys as (
    select
        {%- for column in others %}
        keys.{{ column }},
        {%- endfor %}
        bits.word_no,
        bits.bit,
        case when bits.bit is null then keys.{{ few.column }} end as unlisted
    from {{ model }} as keys
    left join bits
        on keys.{{ few.column }} = bits.{{ few.column }}
),

offenders as (
    select
        {{ others | join(',\n        ') }},
        word_no,
        unlisted,
        count(*) as row_count
    from keys
    group by {{ others | join(', ') }}, word_no, unlisted
    having
        count(*) <> coalesce(bit_count(bit_or(bit)), 1)
        or (word_no is null and unlisted is null)
        {%- for column in others %}
        or {{ column }} is null
        {%- endfor %}
)

select
    {%- for column in others %}
    offenders.{{ column }},
    {%- endfor %}
    coalesce(offenders.unlisted, min(bits.{{ few.column }})) as first_{{ few.column }},
    coalesce(offenders.unlisted, max(bits.{{ few.column }})) as last_{{ few.column }},
    max(offenders.row_count) as row_count
from offenders
left join bits
    on offenders.word_no = bits.word_no
group by {{ others | join(', ') }}, offenders.word_no, offenders.unlisted
{%- endif %}

{% endtest %}

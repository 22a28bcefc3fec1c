{# Groups (of equal `columns`) in which a value of the column `few` occurs twice. The values of `few`
   are numbered and each number is a bit: bits that differ have the same sum as when they are or'ed.
   So there is one group in memory for fifty values, where a count of each key would hold all keys.
   Nulls of `few` are left out. #}
{% macro crowded_groups(relation, columns, few) -%}
select distinct {{ columns | join(', ') }}
    from (
        select
            {{ columns | join(',\n            ') }}
        from {{ relation }} as counted
        inner join (
            select
                {{ few }},
                cast(floor(number / 50) as int) as word_no,
                cast(power(2, number % 50) as bigint) as bit
            from (
                select
                    {{ few }},
                    row_number() over (order by {{ few }} nulls last) as number
                from (select distinct {{ few }} from {{ relation }})
            )
        ) as bits
            on counted.{{ few }} = bits.{{ few }}
        group by {{ columns | join(', ') }}, bits.word_no
        having sum(bits.bit) <> bit_or(bits.bit)
    )
{%- endmacro %}

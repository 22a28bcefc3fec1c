{# A text out of few thousand as a member of the type `code`: a number in tables, joins and groups, a
   text wherever one is asked for. Tables of millions of rows are written and joined in half the time.
   Members are in the order of their texts, so that orders, least and greatest are the same; a text
   that is no member is an error. Marts are made of plain texts again. #}
{% macro code(text) -%}
    {{ return(adapter.dispatch('code', 'sotinh')(text)) }}
{%- endmacro %}

{% macro default__code(text) -%}
cast({{ text }} as string)
{%- endmacro %}

{# The rows of a unit test have invented ids, which are no members. #}
{% macro duckdb__code(text) -%}
{%- if model.resource_type == 'unit_test' -%}
    {{ default__code(text) }}
{%- else -%}
    cast({{ text }} as {{ ref('int_codes').schema }}.code)
{%- endif -%}
{%- endmacro %}

{# Makes the type of the table that lists its members: the post-hook of int_codes. #}
{% macro create_code_type() -%}
    {{ return(adapter.dispatch('create_code_type', 'sotinh')()) }}
{%- endmacro %}

{% macro default__create_code_type() -%}
{%- endmacro %}

{% macro duckdb__create_code_type() -%}
create or replace type {{ this.schema }}.code as enum (select code from {{ this }} order by code nulls last)
{%- endmacro %}

{# What dbt asks a relation for when it makes the rows of a unit test: those have invented ids. #}
{% macro duckdb__get_columns_in_relation(relation) -%}
    {%- set columns -%}
        select
            column_name,
            case when starts_with(column_type, 'ENUM') then 'VARCHAR' else column_type end as data_type,
            cast(null as bigint) as character_maximum_length,
            cast(null as bigint) as numeric_precision,
            cast(null as bigint) as numeric_scale
        from (describe {{ relation }})
    {%- endset -%}
    {{ return(sql_convert_columns_in_relation(run_query(columns))) }}
{%- endmacro %}

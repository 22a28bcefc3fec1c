{# Months of dossiers: what a build replaces, and how.

   A dossier lives in one month for ever (that of its first accepted state), so the models under
   by_dossier_month/ hold sums that can be replaced month by month. What they hold is written down
   last, in int_dossier_partitions: a build that dies half-way leaves that table as it was, and the
   next one replaces the same months again. #}

{# The models that must all be there for a month to count as built. #}
{% macro dossier_month_models() -%}
    {{ return([
        'int_dossier_flows', 'int_dossier_open_dues', 'int_dossier_days', 'int_dossier_loads',
        'int_dossier_partitions',
    ]) }}
{%- endmacro %}

{# Months whose files are not those of the last build, new and vanished ones among them, in order.
   All months in a full refresh or when a table is missing. #}
{% macro changed_dossier_months() -%}
    {%- set partitions = ref('stg_dossier_partitions') -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set wanted = {} -%}
    {%- for row in run_query('select dossier_month, files_hash from ' ~ partitions).rows -%}
        {%- do wanted.update({row[0]: row[1]}) -%}
    {%- endfor -%}
    {%- set tables = [] -%}
    {%- for name in dossier_month_models() -%}
        {%- do tables.append(adapter.get_relation(this.database, this.schema, name)) -%}
    {%- endfor -%}
    {%- set built = {} -%}
    {%- if not flags.FULL_REFRESH and none not in tables -%}
        {%- for row in run_query('select dossier_month, files_hash from ' ~ tables[-1]).rows -%}
            {%- do built.update({row[0]: row[1]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set changed = [] -%}
    {%- for month in (wanted.keys() | list + built.keys() | list) | unique | sort -%}
        {%- if wanted.get(month) != built.get(month) -%}{%- do changed.append(month) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(changed) }}
{%- endmacro %}

{# How many months are looked through at once, by the mean number of states in a month. #}
{% macro dossier_months_at_once() -%}
    {%- set loads = ref('stg_loads') -%}
    {%- set partitions = ref('stg_dossier_partitions') -%}
    {%- if not execute -%}{{ return(1) }}{%- endif -%}
    {%- set states_in_lake -%}
        select coalesce(sum(rows_accepted), 0) from {{ loads }}
        where shape = 'transactions' and superseded_by is null
    {%- endset -%}
    {%- set states = run_query(states_in_lake).rows[0][0] | int -%}
    {%- set months = run_query('select count(*) from ' ~ partitions).rows[0][0] | int -%}
    {{ return([var('dossier_states_at_once') * months // [states, 1] | max, 1] | max) }}
{%- endmacro %}

{# The first of the changed months, as many as are looked through at once. #}
{% macro first_changed_months() -%}
    {{ return(changed_dossier_months()[:dossier_months_at_once()]) }}
{%- endmacro %}

{# Months that the last build replaced. #}
{% macro last_built_months() -%}
    {%- set dossiers = ref('int_dossiers_changed') -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set months = run_query('select distinct dossier_month from ' ~ dossiers) -%}
    {{ return(months.columns[0].values() | sort | list) }}
{%- endmacro %}

{# A condition that holds in these months. They are literals, because engines leave out files
   (and folders) by literals, never by a join. #}
{% macro is_in_months(column, months) -%}
    {%- if months -%}{{ column }} in ('{{ months | join("', '") }}'){%- else -%}1 = 0{%- endif -%}
{%- endmacro %}

{# Pre-hook: takes the changed months out, so that what follows can be appended. Replacing only the
   months that have new rows would keep a vanished month, and one whose last open dossier closed. #}
{% macro drop_changed_months() -%}
    {%- set months = changed_dossier_months() -%}
    {%- if execute and is_incremental() and months -%}
        {{ adapter.dispatch('drop_months', 'sotinh')(months) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__drop_months(months) -%}
    delete from {{ this }} where {{ is_in_months('dossier_month', months) }}
{%- endmacro %}

{% macro spark__drop_months(months) -%}
    alter table {{ this }} drop if exists
    {%- for month in months %} partition (dossier_month = '{{ month }}'){{ ',' if not loop.last }}{% endfor -%}
{%- endmacro %}

{# Post-hook of int_dossiers_changed: its own query again, some months at a time. #}
{% macro insert_later_months() -%}
    {%- if execute -%}
        {%- set months = changed_dossier_months() -%}
        {%- set size = dossier_months_at_once() -%}
        {%- set first_months = is_in_months('dossier_month', months[:size]) -%}
        {%- for start in range(size, months | length, size) -%}
            {%- set later_months = is_in_months('dossier_month', months[start:start + size]) -%}
            {%- call statement() -%}
                insert into {{ this }} {{ model['compiled_code'] | replace(first_months, later_months) }}
            {%- endcall -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

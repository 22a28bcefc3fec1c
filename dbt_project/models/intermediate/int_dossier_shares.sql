{%- set keys = ['province_id', 'period_id', 'dimension', 'member'] -%}

with dossier_values as (
    select * from {{ ref('int_dossier_values') }}
),

spans as (
    select * from {{ ref('int_dossier_spans') }}
),

part_values as (
    select * from {{ ref('int_part_values') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

indicator_parts as (
    select * from {{ ref('indicator_parts') }}
    where role in ('numerator', 'denominator')
),

measured as (
    select distinct indicator_code from dossier_values
),

-- Ratios whose numerators are all counted from the log; where a denominator is not, as the number
-- of services offered, only a total of it is known.
ratios as (
    select
        indicators.indicator_code,
        indicators.unit,
        indicators.factor,
        count(*) as part_count,
        sum(case when indicator_parts.role = 'denominator' then 1 else 0 end) as denominator_parts,
        sum(case when measured.indicator_code is null then 1 else 0 end) as outside_parts
    from indicators
    inner join indicator_parts
        on indicators.indicator_code = indicator_parts.indicator_code
    left join measured
        on indicator_parts.part_code = measured.indicator_code
    where indicators.kind = 'ratio' and indicators.factor is not null
    group by indicators.indicator_code, indicators.unit, indicators.factor
    having
        sum(
            case
                when indicator_parts.role = 'numerator' and measured.indicator_code is null then 1
                else 0
            end
        ) = 0
        and sum(case when indicator_parts.role = 'numerator' then 1 else 0 end) > 0
),

parts as (
    select
        ratios.indicator_code,
        ratios.outside_parts,
        indicator_parts.role,
        indicator_parts.part_code
    from ratios
    inner join indicator_parts
        on ratios.indicator_code = indicator_parts.indicator_code
),

amounts as (
    select
        {{ keys | join(', ') }},
        indicator_code as part_code,
        value,
        status,
        known_from
    from dossier_values
    union all
    select
        spans.province_id,
        spans.period_id,
        'total' as dimension,
        'total' as member,
        part_values.indicator_code as part_code,
        part_values.value,
        case when part_values.is_inexact then 'E' else 'A' end as status,
        part_values.known_from
    from part_values
    inner join spans
        on
            part_values.province_id = spans.province_id
            and part_values.period_id = spans.period_id
    where part_values.indicator_code not in (select measured.indicator_code from measured)
),

shares_summed as (
    select
        amounts.province_id,
        amounts.period_id,
        amounts.dimension,
        amounts.member,
        parts.indicator_code,
        sum(case when parts.role = 'numerator' then amounts.value end) as numerator,
        sum(case when parts.role = 'denominator' then amounts.value end) as denominator,
        sum(case when parts.role = 'numerator' then 1 else 0 end) as numerators_found,
        sum(case when parts.role = 'denominator' then 1 else 0 end) as denominators_found,
        sum(case when parts.role = 'numerator' and amounts.value is null then 1 else 0 end)
            as numerator_nulls,
        sum(case when parts.role = 'denominator' and amounts.value is null then 1 else 0 end)
            as denominator_nulls,
        max(case when amounts.status in ('P', 'E') then 1 else 0 end) as inexact_flag,
        max(amounts.known_from) as known_from
    from amounts
    inner join parts
        on amounts.part_code = parts.part_code
    where amounts.dimension = 'total' or parts.outside_parts = 0
    group by
        amounts.province_id,
        amounts.period_id,
        amounts.dimension,
        amounts.member,
        parts.indicator_code
),

shares_judged as (
    select
        shares_summed.*,
        ratios.unit,
        ratios.factor,
        case
            when shares_summed.denominators_found < ratios.denominator_parts
                then 'missing_denominator'
            when shares_summed.numerator_nulls > 0 then 'null_numerator'
            when shares_summed.denominator_nulls > 0 then 'null_denominator'
            when shares_summed.denominator = 0 then 'zero_denominator'
        end as reason_code
    from shares_summed
    inner join ratios
        on shares_summed.indicator_code = ratios.indicator_code
    where shares_summed.numerators_found > 0
),

-- Divided outside of any case: inside one, engines work out repeated terms again and again.
shares_divided as (
    select
        shares_judged.*,
        {{ exact_ratio('numerator', 'denominator', 'factor') }} as quotient
    from shares_judged
),

shares as (
    select
        {{ keys | join(', ') }},
        indicator_code,
        numerator,
        denominator,
        factor,
        coalesce(reason_code, case when quotient is null then 'out_of_range' end) as reason_code,
        case when reason_code is null then quotient end as value,
        unit,
        case
            when reason_code is not null or quotient is null then 'O'
            when inexact_flag = 1 then 'E'
            else 'A'
        end as status,
        known_from
    from shares_divided
)

select * from shares

{# The observations as they were known at a moment (an SQL expression, UTC): of each key the one that
   was the latest in the last release published until then. A rollback of what users read does not
   count: see `sotinh releases asof`, which gives whole releases, derived figures and all. #}
{% macro as_known_at(moment) -%}
    select observations.*
    from {{ ref('fct_observations') }} as observations
    left join {{ ref('fct_observation_gaps') }} as gaps
        on
            observations.province_id = gaps.province_id
            and observations.indicator_code = gaps.indicator_code
            and observations.period_id = gaps.period_id
            and observations.basis = gaps.basis
            and observations.breakdown = gaps.breakdown
            and observations.source_id = gaps.source_id
            and observations.load_id = gaps.load_id
            and gaps.gap_from <= {{ moment }}
            and gaps.gap_to > {{ moment }}
    where
        observations.known_from <= {{ moment }}
        and (observations.known_to is null or observations.known_to > {{ moment }})
        and gaps.load_id is null
{%- endmacro %}

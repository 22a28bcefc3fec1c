with targets as (
    select * from {{ ref('int_targets_judged') }}
),

contexts as (
    select * from {{ ref('int_target_contexts') }}
),

paths as (
    select * from {{ ref('int_target_paths') }}
),

reasons as (
    select * from {{ ref('target_reasons') }}
),

-- A note says why a target is not judged; of a judged one, how its gap is measured.
targets_explained as (
    select
        targets.*,
        case
            when reasons.reason_code is not null then reasons.note_vi
            when targets.comparator = 'eq' then 'Chỉ tiêu chính xác: khoảng cách là âm của độ lệch.'
            when targets.comparator = 'range' then 'Khoảng: khoảng cách tính đến cận gần hơn.'
        end as note_vi,
        case
            when reasons.reason_code is not null then reasons.note_en
            when targets.comparator = 'eq' then 'Exact target: the gap is minus the deviation.'
            when targets.comparator = 'range' then 'Range: the gap is measured to the nearer bound.'
        end as note_en,
        paths.base_value,
        paths.expected_value,
        paths.progress_share,
        paths.is_on_path,
        case
            when paths.target_id is null then 'no_base_year'
            else paths.path_reason_code
        end as path_reason_code,
        contexts.context_province_id,
        contexts.context_period_id,
        contexts.context_value
    from targets
    left join reasons
        on targets.reason_code = reasons.reason_code
    left join paths
        on targets.target_id = paths.target_id
    left join contexts
        on targets.target_id = contexts.target_id
),

final as (
    select
        cast(target_id as string) as target_id,
        cast(province_id as string) as province_id,
        cast(indicator_code as string) as indicator_code,
        cast(period_id as string) as period_id,
        cast(breakdown as string) as breakdown,
        cast(value as decimal(28, 10)) as target_value,
        cast(value_upper as decimal(28, 10)) as target_value_upper,
        cast(comparator as string) as comparator,
        cast(target_status as string) as target_status,
        cast(actual_value as decimal(28, 10)) as actual_value,
        cast(actual_period_id as string) as actual_period_id,
        cast(actual_method as string) as actual_method,
        cast(actual_status as string) as actual_status,
        cast(actual_qualifier as string) as actual_qualifier,
        cast(gap as decimal(28, 10)) as gap,
        cast(is_met as boolean) as is_met,
        cast(reason_code as string) as reason_code,
        cast(outcome as string) as outcome,
        cast(note_vi as string) as note_vi,
        cast(note_en as string) as note_en,
        cast(unit as string) as unit,
        cast(actual_province_id as string) as actual_province_id,
        cast(actual_unit as string) as actual_unit,
        cast(context_province_id as string) as context_province_id,
        cast(context_period_id as string) as context_period_id,
        cast(context_value as decimal(28, 10)) as context_value,
        cast(base_period_id as string) as base_period_id,
        cast(base_value as decimal(28, 10)) as base_value,
        cast(expected_value as decimal(28, 10)) as expected_value,
        cast(progress_share as decimal(28, 10)) as progress_share,
        cast(is_on_path as boolean) as is_on_path,
        cast(path_reason_code as string) as path_reason_code,
        cast(source_id as string) as source_id
    from targets_explained
)

select * from final

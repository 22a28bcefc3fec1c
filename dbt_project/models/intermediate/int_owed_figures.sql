with owed_periods as (
    select * from {{ ref('int_owed_periods') }}
),

expected_members as (
    select * from {{ ref('stg_expected_members') }}
),

expected_areas as (
    select * from {{ ref('stg_expected_areas') }}
),

exempt_figures as (
    select * from {{ ref('stg_exempt_figures') }}
),

provinces as (
    select * from {{ ref('provinces') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

-- A province is owed while it exists: on the last day of the period, or in the set the source
-- keeps to.
owed_areas as (
    select
        owed_periods.source_id,
        owed_periods.period_id,
        provinces.province_id
    from owed_periods
    inner join expected_areas
        on owed_periods.source_id = expected_areas.source_id
    inner join provinces
        on
            provinces.area_level = 'province'
            and (
                expected_areas.province_id is null
                or expected_areas.province_id = provinces.province_id
            )
            and case
                when owed_periods.boundary_set = 'by_period'
                    then
                        owed_periods.end_date >= provinces.valid_from
                        and (
                            provinces.valid_to is null
                            or owed_periods.end_date <= provinces.valid_to
                        )
                else owed_periods.boundary_set = provinces.boundary_set
            end
),

owed_figures as (
    select
        owed_areas.source_id,
        expected_members.indicator_code,
        expected_members.breakdown,
        owed_areas.period_id,
        owed_areas.province_id
    from owed_areas
    inner join expected_members
        on owed_areas.source_id = expected_members.source_id
),

exemptions as (
    select
        exempt_figures.source_id,
        exempt_figures.province_id,
        exempt_figures.indicator_code,
        exempt_figures.absence,
        exempt_figures.reason,
        first_periods.start_date as exempt_from,
        last_periods.end_date as exempt_to
    from exempt_figures
    left join periods as first_periods
        on exempt_figures.exempt_from = first_periods.period_id
    left join periods as last_periods
        on exempt_figures.exempt_to = last_periods.period_id
),

-- Of two declared exemptions of one figure the one that names its indicator counts.
exempt_owed as (
    select
        owed_figures.source_id,
        owed_figures.indicator_code,
        owed_figures.breakdown,
        owed_figures.period_id,
        owed_figures.province_id,
        exemptions.absence,
        exemptions.reason,
        row_number() over (
            partition by
                owed_figures.source_id,
                owed_figures.indicator_code,
                owed_figures.breakdown,
                owed_figures.period_id,
                owed_figures.province_id
            order by
                exemptions.indicator_code asc nulls last,
                exemptions.absence asc nulls last,
                exemptions.reason asc nulls last
        ) as exemption_no
    from owed_figures
    inner join owed_periods
        on
            owed_figures.source_id = owed_periods.source_id
            and owed_figures.period_id = owed_periods.period_id
    inner join exemptions
        on
            owed_figures.source_id = exemptions.source_id
            and owed_figures.province_id = exemptions.province_id
            and (
                exemptions.indicator_code is null
                or owed_figures.indicator_code = exemptions.indicator_code
            )
            and (
                exemptions.exempt_from is null
                or owed_periods.start_date >= exemptions.exempt_from
            )
            and (exemptions.exempt_to is null or owed_periods.end_date <= exemptions.exempt_to)
),

owed_figures_explained as (
    select
        owed_figures.source_id,
        owed_figures.indicator_code,
        owed_figures.breakdown,
        owed_figures.period_id,
        owed_figures.province_id,
        owed_periods.due_on,
        owed_periods.judged_on,
        owed_periods.has_come,
        owed_periods.held_load_id,
        exempt_owed.absence as exempt_absence,
        exempt_owed.reason as exempt_reason
    from owed_figures
    inner join owed_periods
        on
            owed_figures.source_id = owed_periods.source_id
            and owed_figures.period_id = owed_periods.period_id
    left join exempt_owed
        on
            owed_figures.source_id = exempt_owed.source_id
            and owed_figures.indicator_code = exempt_owed.indicator_code
            and owed_figures.breakdown = exempt_owed.breakdown
            and owed_figures.period_id = exempt_owed.period_id
            and owed_figures.province_id = exempt_owed.province_id
            and exempt_owed.exemption_no = 1
)

select * from owed_figures_explained

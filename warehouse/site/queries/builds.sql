-- What was found of the builds of the newest releases: the verdicts of the gate, and every test not
-- met. Each row tells how many tests its build had.
with runs as (
    select distinct
        subject_id as release_id,
        run_id
    from all_checks
    where subject_type = 'release'
),

paged as (
    select release_id
    from main.audit_releases
    order by ledger_entry desc, release_id desc
    limit getvariable('pages_of_releases')
),

results as (
    select
        runs.release_id,
        checks.*,
        count(*) filter (where checks.subject_type = 'model') over build as tests,
        count(*) filter (where checks.subject_type = 'model' and checks.success) over build
            as tests_passed
    from all_checks as checks
    inner join runs on checks.run_id = runs.run_id
    inner join paged on runs.release_id = paged.release_id
    where checks.subject_type in ('model', 'release')
    window build as (partition by runs.release_id)
)

select *
from results
where subject_type = 'release' or not success
order by release_id, success, severity, subject_id, check_name

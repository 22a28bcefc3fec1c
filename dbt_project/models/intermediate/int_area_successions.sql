with recursive

province_succession as (
    select * from {{ ref('province_succession') }}
),

-- Every way from an area to a later one, step by step. A step must be younger than the one before,
-- so that even faulty data cannot lead in a circle.
ways as (
    select
        predecessor_id as ancestor_id,
        successor_id as area_id,
        1 as steps,
        cast(share as decimal(18, 10)) as share,
        effective_date
    from province_succession
    union all
    select
        ways.ancestor_id,
        province_succession.successor_id as area_id,
        ways.steps + 1 as steps,
        cast(ways.share * province_succession.share as decimal(18, 10)) as share,
        province_succession.effective_date
    from ways
    inner join province_succession
        on
            ways.area_id = province_succession.predecessor_id
            and ways.effective_date < province_succession.effective_date
),

-- One way of unknown share makes the whole unknown.
pairs as (
    select
        ancestor_id,
        area_id,
        steps,
        case when count(share) = count(*) then sum(share) end as share,
        max(effective_date) as effective_date
    from ways
    group by ancestor_id, area_id, steps
),

area_successions as (
    select
        ancestor_id,
        area_id,
        cast(steps as int) as steps,
        cast(share as decimal(18, 10)) as share,
        coalesce(share = 1, false) as is_whole,
        effective_date,
        cast(count(*) over (partition by area_id, steps) as int) as ancestor_count,
        cast(
            sum(case when share = 1 then 0 else 1 end) over (partition by area_id, steps) as int
        ) as unknown_count
    from pairs
)

select * from area_successions

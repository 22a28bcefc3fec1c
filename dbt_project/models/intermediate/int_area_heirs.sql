with recursive

provinces as (
    select * from {{ ref('provinces') }}
),

successions as (
    select * from {{ ref('province_succession') }}
),

whole_successions as (
    select
        predecessor_id,
        successor_id,
        change
    from successions
    where share = 1
),

-- An area whose extent goes on under a new id is still the same place; one that was merged is not.
heirs as (
    select
        province_id,
        province_id as heir_id,
        'own' as relation
    from provinces
    union all
    select
        heirs.province_id,
        whole_successions.successor_id as heir_id,
        case
            when heirs.relation = 'merged' or whole_successions.change <> 'unchanged'
                then 'merged'
            else 'unchanged'
        end as relation
    from heirs
    inner join whole_successions
        on heirs.heir_id = whole_successions.predecessor_id
),

heirs_dated as (
    select
        heirs.*,
        provinces.valid_from,
        provinces.valid_to
    from heirs
    inner join provinces
        on heirs.heir_id = provinces.province_id
)

select * from heirs_dated

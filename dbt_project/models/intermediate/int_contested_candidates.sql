with candidates as (
    select * from {{ ref('int_candidates_unioned') }}
),

candidate_hashes as (
    select {{ key_hash(['province_id', 'indicator_code', 'period_id']) }} as key_hash
    from {{ ref('int_candidates_unioned') }}
),

-- Most values have one way to them. Only the others are compared, and only they are written here.
shared_hashes as (
    select key_hash from candidate_hashes
    group by key_hash
    having count(*) > 1
),

candidates_sharing as (
    select candidates.*
    from candidates
    semi join shared_hashes
        on
            {{ key_hash([
                'candidates.province_id', 'candidates.indicator_code', 'candidates.period_id'
            ]) }}
            = shared_hashes.key_hash
),

candidates_counted as (
    select
        candidates_sharing.*,
        count(*) over (partition by province_id, indicator_code, period_id) as way_count
    from candidates_sharing
),

contested as (
    select
        candidates_counted.*,
        {{ half_printed_unit('decimals') }} as half_unit
    from candidates_counted
    where way_count > 1
),

candidates_ordered as (
    select
        contested.*,
        {{ candidate_order() }} as candidate_order
    from contested
),

winners as (
    select * from candidates_ordered
    where candidate_order = 1
),

candidates_compared as (
    select
        ordered.*,
        ordered.candidate_order = 1 as is_winner,
        cast(ordered.value - coalesce(winners.value, ordered.value) as decimal(38, 10))
            as difference,
        coalesce(winners.qualifier, ordered.qualifier) as winner_qualifier,
        -- Of two printed figures the coarser one decides. To the total of an index its parts bring
        -- their own rounding.
        cast(
            greatest(ordered.half_unit, coalesce(winners.half_unit, 0))
            + greatest(coalesce(ordered.rounding, 0), coalesce(winners.rounding, 0))
            as decimal(28, 10)
        ) as tolerance,
        -- Some printers cut instead of rounding: 13.058 becomes 13,05. The coarser figure then lies
        -- nearer to zero, by less than a whole unit.
        case
            when ordered.half_unit > winners.half_unit then abs(winners.value) - abs(ordered.value)
            else abs(ordered.value) - abs(winners.value)
        end as cut_off,
        (ordered.value < 0 and winners.value > 0) or (ordered.value > 0 and winners.value < 0)
            as is_of_other_sign
    from candidates_ordered as ordered
    left join winners
        on
            ordered.province_id = winners.province_id
            and ordered.indicator_code = winners.indicator_code
            and ordered.period_id = winners.period_id
),

candidates_judged as (
    select
        candidates_compared.*,
        coalesce(
            abs(difference) > tolerance
            and not is_of_other_sign
            and cut_off > 0
            and cut_off < 2 * tolerance,
            false
        ) as is_truncated
    from candidates_compared
),

-- "More than 1.2 million" is contradicted by less, never by more; "about" by neither.
candidates_flagged as (
    select
        candidates_judged.*,
        coalesce(
            not is_winner
            and not is_truncated
            and case
                when qualifier = 'approx' or winner_qualifier = 'approx' then false
                when winner_qualifier in ('more_than', 'at_least') then difference < -tolerance
                when winner_qualifier in ('almost', 'less_than', 'at_most')
                    then difference > tolerance
                when qualifier in ('more_than', 'at_least') then difference > tolerance
                when qualifier in ('almost', 'less_than', 'at_most') then difference < -tolerance
                else abs(difference) > tolerance
            end,
            false
        ) as is_conflict
    from candidates_judged
)

select * from candidates_flagged

-- A choice that cannot be carried out: too many draws, weights that could vanish or turn, draws
-- without any movement, or the word that stands for all choices.
select choice_code
from {{ ref('rank_choices') }}
where
    coalesce(draw_count, 0) not between 1 and 10000
    or coalesce(weight_spread, -1) < 0
    or weight_spread >= 1
    or (weight_spread = 0 and draw_count > 1)
    or missing_rule is null
    or uses_preliminary is null
    or seed is null
    or choice_code = 'all'

-- Weights of an index that reach over a change of its method: each edition has its own.
select
    index_weights.indicator_code,
    index_weights.first_year,
    index_weights.last_year
from {{ ref('index_weights') }} as index_weights
inner join {{ ref('int_index_weights') }} as weights
    on
        index_weights.indicator_code = weights.indicator_code
        and index_weights.part_code = weights.part_code
        and index_weights.first_year <= weights.year
        and coalesce(index_weights.last_year, 9999) >= weights.year
left join {{ ref('int_edition_years') }} as editions
    on
        index_weights.indicator_code = editions.indicator_code
        and weights.year = editions.year
group by
    index_weights.indicator_code,
    index_weights.first_year,
    index_weights.last_year
having count(distinct coalesce(editions.edition, 'none')) > 1

-- No spelling stands for two areas. Accents cannot be folded the same way on every engine, so this
-- compares lower case exactly; the readers' tests compare folded spellings.
select lower(alias) as alias_lower
from {{ ref('province_aliases') }}
group by lower(alias)
having count(distinct code_63) > 1

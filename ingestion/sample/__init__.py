"""The sample inbox: facts of published articles, the ministry's ranking sheet, and synthetic operator workbooks.

What is real: `seed_facts.csv` (one row per figure of five published articles, with its exact short phrase),
`seed_articles.csv` (the articles) and `dti_2022.csv` (the ministry's ranking of 2022).
What is not: every figure of the operator workbooks. They are computed by a formula and say so in their title, in a note
line and in their document properties. `operator_provinces.csv` holds, per province, the spellings and codes the three
workbooks use and a rough size that only makes large provinces get large figures; it is no statistic.
"""

from ingestion.sample.faults import FAULTS, Fault
from ingestion.sample.write import write_sample

__all__ = ["FAULTS", "Fault", "write_sample"]

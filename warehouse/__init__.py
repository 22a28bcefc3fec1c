"""The physical store: where files live, the ledger, the lake and the releases. Never imports dagster.

Reading order: `paths` and `settings` (where and how), `ledger` (what counts), `landing` (inbox to landing), `loads`
(staged to lake) and `dossiers` (the same for dossier logs, without a row in Python), `export` (ledger and lake to dbt's
inputs), `releases` (build to publication).
"""

"""The auditors' report: static pages about one release, Vietnamese and English, that open from a file path.

`report.py` reads what the pages tell, by the queries in `queries/`, from the published tables; `pages.py` says which
pages there are and writes them by `templates/`; `charts.py` draws; `language.py` has the words (`words.yml`) and the
numbers of both languages.
"""

"""The auditors' report: static pages about one release, Vietnamese and English, that open from a file path.

`report.py` reads what the pages tell from the published tables; `pages.py` says which pages there are and writes them;
`charts.py` draws, `language.py` has words and numbers of both languages. Words lie in `words.yml`, pages in `templates/`.
"""

"""Workbooks of known truth: drawn as facts first, then laid out, written, described by a source YAML, and read.

`world` holds the reference rows, `truth` the sheet whose cells know their facts, `build` turns a plan (one option for
each axis of `plan.AXES`) into a book, `writing` makes its file, `judge` compares what was read with what is true.
A new layout feature is one option of an axis and the few lines that change the sheet and the YAML.
"""

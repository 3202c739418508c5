"""The rules: facts and a rulebook in, a decision with its clauses out. Standard library only.

No clock, no database, no settings: the day that decides is always passed. Everything the documents leave to a number, a
list or a reading stands in `books/*.toml`, dated and cited; the modules here hold only the method.
"""

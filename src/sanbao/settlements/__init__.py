"""Monthly settlement of outlets: record sheets are handed in, findings registered, and a month becomes an explained statement.

It is not about doing repairs (that will be `workorders`), nor about what a rule says (that is a rulebook's).
"""

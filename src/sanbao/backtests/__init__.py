"""Any past period decided again: under a draft or another edition (a back-test), or under its own editions (a replay).

Stored decisions are only read. What comes out is a report: how many records, which, by how much money, and why.
"""

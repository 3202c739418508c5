"""Callbacks after a job: planned by rulebook, shared out, tried, recorded; what is found goes to whom it concerns (KA-9, ST-4).

`operations` change things, `queries` read and count them; modules above hear of what callers find through `events`.
"""

"""Requests: what customers ask for, by whatever channel, until it is solved and filed (BA-2, SR-2, CS-2, ST-2).

A request has a class, a priority and promises, each decided by the rulebook; somebody handles it; everything said and done stands on its
timeline. Not here: the work on site (workorders), complaints' verification (complaints), what was paid (settlements).
"""

"""Complaints: from the desk's record to the customer's last word, with their clocks, money, an authority's case and the analysis (PV-1..PV-5).

A complaint is a flow of its own beside requests. Not here: what an outlet loses by it (settlements), work done to mend it (workorders).
"""

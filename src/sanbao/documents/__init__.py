"""Regulations as controlled documents: number, version, three signatures, a day in force, text by clause; and who has read them.

A rulebook says what is decided by a clause; here stands the clause itself. The two meet in the clause's id ("appliance KA-11.1").
It decides nothing, settles nothing, and holds no customers' data.
"""

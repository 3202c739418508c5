"""People's rights over their data, and how long it is kept: copies and erasures on request, and the nightly retention.

It stores no customer's data of its own beyond an open request; where data lies it asks the modules (sanbao.audit.personal).
"""

"""The customer's own pages, without an account: ask for service, follow a request, register a product, read the policy (MO-1, ST-2).

Whoever holds a request's link is its customer here: the link is given where the request was made, and again to who knows the number and
the telephone. Nothing but that one request is in reach of it.
"""

"""Work orders: repairs, installations, training, replacements, maintenance and inspections, from dispatch to the customer's signature.

An order is the work; what the customer asked for is a request (intake), what it pays the outlet is a statement (settlements). Its steps
follow the regulation's flow, its prices and dates the rulebooks, and each of them explains itself.
"""

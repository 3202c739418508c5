"""Satisfaction surveys: after each service and at intervals, by link or on paper; what the answers say, published, and what follows.

The rating a customer leaves on the order's page counts as a source of its own; nobody is asked twice about the same job.
"""

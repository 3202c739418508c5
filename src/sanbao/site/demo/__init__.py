"""The demonstration: five made-up companies, their people, and a year of months told through operations.

Nothing here is a real firm, person, address or telephone. The same day gives the same story.
"""

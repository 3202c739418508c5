"""The look and the manners of every page: marks, base templates, components, lists, the dress of forms.

It knows nothing of the business; every other module stands on it.
"""

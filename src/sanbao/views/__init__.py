"""A person's own ways with lists: saved views, shared or not, the view a list opens with, and the columns in their order.

The lists themselves know no persons (sanbao.ui.lists); they ask here through `lists.WAYS`. What is kept is the name of a list and what its
address asks for, never rows: whoever opens a shared view sees in it what his own posts let him see.
"""

"""Customers: the people and companies served, whom to call, where they live, and what they agreed to (DP-2, CO-5).

Their products are in `products`, their requests in `intake`. A customer has no account; who asks is known by telephone, mail or WeChat.
"""

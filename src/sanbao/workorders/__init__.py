"""Work orders: from dispatch to the customer's signature."""

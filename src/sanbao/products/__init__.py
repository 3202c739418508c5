"""Models made by the company, their categories, and the parts that repair them with their supply prices."""

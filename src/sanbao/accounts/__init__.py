"""Companies, people, the table of posts (岗位) and what each may do; sign-in and API tokens.

Who holds which post where is in `outlets`, because posts are held in regions and outlets too.
"""

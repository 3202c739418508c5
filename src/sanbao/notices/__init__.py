"""Messages to people and from machines: the outbox with its ways out (mail, SMS, WeCom, WeChat), and the inbox of what comes back.

Other modules say what happened; here it is kept, carried away, tried again and, where nobody takes it, laid out for an administrator.
"""

"""A payment gateway that is not ours: it takes orders, moves money once, tells by webhook, and fails on request.

It stands for the other company, so it is a program of its own with a book of its own and knows nothing of Setori.
`__main__` starts it, `app` speaks HTTP, `book` remembers, `webhooks` tells, `knobs` says how it shall fail, and
`iban` knows an account number.
"""

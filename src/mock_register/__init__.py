"""Public registers that are not ours: they say of a firm what they were told to say, late or not at all on request.

They stand for the offices of the state, so this is a program of its own that knows nothing of Setori. Every firm with
a well-formed Business ID exists and has everything in order, until somebody says otherwise at `/firms/{business_id}`.
`__main__` starts it, `app` speaks HTTP, `book` remembers the firms and the knobs.
"""

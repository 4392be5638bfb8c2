"""The catalogue page as one would write it with Django's ORM and Jinja2: what ours is measured against."""

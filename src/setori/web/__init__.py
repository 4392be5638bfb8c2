"""The HTML faces. The folder is the audience, the file is the domain: provider/sessions.py records sessions."""

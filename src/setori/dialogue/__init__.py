"""The market dialogue (markkinavuoropuhelu): drafts open to comment, answers, questions, and who wants news."""

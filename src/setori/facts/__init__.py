"""Business facts (yritystiedot): what the public registers say of a firm, and when they were last asked."""

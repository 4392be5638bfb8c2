"""Read-only views across domains, as frozen values for a page or a document. Nothing here writes."""

"""The evidence wallet (todisteet): documents of a provider, uploaded once, checked, dated, for all procurers."""

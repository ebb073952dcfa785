"""The page Learn: the article and its neighbours, with live figures."""

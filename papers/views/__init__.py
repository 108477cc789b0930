"""The pages, a module for each kind. What each may show starts from `published()`."""

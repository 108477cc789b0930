"""Notes of another site, of a vault or of a folder: a module for each kind of source, one writer for all of them."""

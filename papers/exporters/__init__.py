"""The site's content in forms that need no PaperCache: a module for each."""

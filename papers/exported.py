"""What an export of notes consists of, for who writes one and who reads one: names of files, and the format's number."""

#: What says that a folder is such an export, and holds what belongs to no file.
ABOUT = "papercache.yaml"
SECTION = "_section.md"
#: Tells Git to leave ends of lines as they are.
FOR_GIT = ".gitattributes"
DRAFTS, CHANGES, FIGURES = "_drafts", "_changes", "-/figures"

#: Goes up when an older version would lose something of it.
FORMAT = 1

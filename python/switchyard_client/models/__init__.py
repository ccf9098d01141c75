"""Models: names with versions, each a file or folder that the server keeps."""

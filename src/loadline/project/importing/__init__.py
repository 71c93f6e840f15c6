"""What another tool wrote in; the files of a project, and what could not be carried, out."""

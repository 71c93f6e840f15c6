"""Published test cases of other semantic layers in; how a project imported from them answers each, out."""

"""The console: pages for people, drawn on the server, readable without a script and without a network."""

"""Where alarms go: a file that gets one CloudEvent a line, or a webhook."""

"""The command line's verbs; with ``api.cli`` the only part of ``api`` that may use the loaders."""

"""Conversations by text message: what is said in each language, the words that are understood, and the steps."""

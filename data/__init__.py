"""The lake: its tables, the only writer, the only SQL."""

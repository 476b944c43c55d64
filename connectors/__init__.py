"""Sources of news, prices and market caps: how to ask each one, and how to read what it answers."""

"""Greets the person named by the environment variable NAME, or the world."""

import os

name = os.environ.get("NAME", "").strip()
print(f"Hello {name or 'World'}!")

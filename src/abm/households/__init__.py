"""The household pass: everything a household does in a month, in one loop.

What other rooms use of it; they import nothing else.
"""

from __future__ import annotations

__all__ = []

"""The household pass: everything a household does in a month, in one loop.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

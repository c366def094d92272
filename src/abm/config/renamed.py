"""Old names of parameters and outcomes, so that a message can give the new one."""

from __future__ import annotations

RENAMED: dict[str, str] = {
    "blindness_price": "protection_price",
    "care_cost": "quality_cost",
    "care_effect": "quality_effect",
    "entry_anywhere": "speculative_entry",
    "finding_ceiling": "job_finding_ceiling",
    "giving_up": "lean_exit",
    "name_memory": "reputation_memory",
    "name_prior": "reputation_prior",
    "passage_alone": "cost_alone",
    "printed_workers": "stated_workers",
    "repeat_tries": "further_attempts",
    "restless": "recent_returnees",
    "risked_cost": "irregular_cost_factor",
    "route_word": "route_reputation_speed",
    "usual_name": "usual_reputation",
    "want_months": "need_months",
}
"""Old name -> new name; none of the old ones means anything else."""

"""What people perceive of visible activity: more is noticed at once, less by and by."""

from __future__ import annotations

from abm.engine.compiled import kernel
from abm.engine.portable import exponential, logarithm


@kernel
def notice(now, unseen, overrating, kept, perceived, surprise):
    """Perceive activity: a rise beyond the perceived surprises and is overrated; the excess fades towards the truth.

    With p the perceived and a the true activity, in logs: p ← a + overrating (a - p) where a > p, else
    p ← a + kept (p - a). So what comes and goes from month to month surprises nobody, a crackdown is felt most when it
    begins, and leaves a residue when it ends.

    Parameters
    ----------
    now, perceived
        Activity of the month by place, and as perceived, which changes.
    unseen
        Activity added to both, that nobody notices.
    overrating, kept
        Rise overrated, as a share of it; share of an excess that is kept a month.
    surprise
        Output by place: rise beyond what was perceived, log points.

    References
    ----------
    Sherman (1990), "Police crackdowns: initial and residual deterrence"; Apel (2013); ODD submodel "Beliefs".
    """
    for k in range(now.size):
        rise = logarithm((now[k] + unseen) / (perceived[k] + unseen))
        surprise[k] = max(rise, 0.0)
        excess = overrating * rise if rise > 0.0 else -kept * rise
        perceived[k] = (now[k] + unseen) * exponential(excess) - unseen

"""Exponential, logarithm and normal quantile from basic operations only.

The C library picks other variants of these functions on other processors, with other last bits. These give
the same bits wherever IEEE arithmetic holds; their relative error is below 1e-12 (tested).
"""

from __future__ import annotations

import math

import numpy as np

from abm.engine.compiled import called, inlined, kernel

_LN2 = 0.6931471805599453
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_SQRT_HALF = 0.7071067811865476
_PER_LN2 = 1.4426950408889634
_EXP_LIMIT = 700.0
_MANTISSA_BITS = 52
_MANTISSA = (1 << _MANTISSA_BITS) - 1
_BIAS = 1023
_HALF = (_BIAS - 1) << _MANTISSA_BITS
"""Bits of the number 1/2."""
_SMALLEST_NORMAL = 2.2250738585072014e-308
_TWO_POWER_64 = 18446744073709551616.0
_E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9, _E10 = (1.0 / math.factorial(n) for n in range(2, 11))
_L3, _L5, _L7, _L9, _L11, _L13, _L15, _L17 = (1.0 / n for n in range(3, 18, 2))


@inlined
def _power_of_two(k: int) -> float:
    """Two to the power of `k`, written into the bits of its exponent: `ldexp` of the C library is a call."""
    return np.int64((k + _BIAS) << _MANTISSA_BITS).view(np.float64)


@inlined
def exponential_inlined(x: float) -> float:
    """`exponential` without a call and without a jump, for loops that fill vector registers."""
    x = x if x > -_EXP_LIMIT else -_EXP_LIMIT
    x = x if x < _EXP_LIMIT else _EXP_LIMIT
    k = np.floor(x * _PER_LN2 + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW  # |r| < 0.35: Taylor series by Horner's rule
    total = _E6 + r * (_E7 + r * (_E8 + r * (_E9 + r * _E10)))
    total = 1.0 + r * (_E2 + r * (_E3 + r * (_E4 + r * (_E5 + r * total))))
    # exact: it only moves the exponent; a vector of 32-bit integers can be made of doubles on every processor
    return (1.0 + r * total) * _power_of_two(np.int64(np.int32(k)))


@kernel
def exponential(x: float) -> float:
    """E to the power of `x`; saturates beyond +-700."""
    return exponential_inlined(x)


@kernel
def exponentials(x, out) -> None:
    """Fill `exponential` of each element."""
    for k in range(x.size):
        out[k] = exponential_inlined(x[k])


@inlined
def logarithm_inlined(x: float) -> float:
    """`logarithm` without a call and without a jump, for loops that fill vector registers."""
    tiny = x < _SMALLEST_NORMAL
    bits = np.float64(x * _TWO_POWER_64 if tiny else x).view(np.int64)
    k = (bits >> _MANTISSA_BITS) + ((1 - _BIAS - 64) if tiny else (1 - _BIAS))
    # exact: x without its exponent, in [1/2, 1); `frexp` of the C library is a call
    mantissa = np.int64((bits & _MANTISSA) | _HALF).view(np.float64)
    low = mantissa < _SQRT_HALF
    mantissa = mantissa * 2.0 if low else mantissa
    k = k - 1 if low else k
    z = (mantissa - 1.0) / (mantissa + 1.0)
    z2 = z * z  # 2 artanh z
    total = _L3 + z2 * (_L5 + z2 * (_L7 + z2 * (_L9 + z2 * (_L11 + z2 * (_L13 + z2 * (_L15 + z2 * _L17))))))
    found = 2.0 * z * (1.0 + z2 * total) + np.float64(np.int32(k)) * _LN2
    return found if x > 0.0 else -_EXP_LIMIT


@kernel
def logarithm(x: float) -> float:
    """Natural logarithm of a positive number; -700 for what is not positive."""
    return logarithm_inlined(x)


@kernel
def logarithms(x, out) -> None:
    """Fill `logarithm` of each element."""
    for k in range(x.size):
        out[k] = logarithm_inlined(x[k])


@inlined
def power_inlined(base: float, exponent: float) -> float:
    """`power` without a call and without a jump, for loops that fill vector registers."""
    found = exponential_inlined(exponent * logarithm_inlined(base))
    return found if base > 0.0 else 0.0


@kernel
def power(base: float, exponent: float) -> float:
    """`base` (positive) to the power of `exponent`."""
    return power_inlined(base, exponent)


@kernel
def powers(base, exponent, out) -> None:
    """Fill `power` of each element of `base`."""
    for k in range(base.size):
        out[k] = power_inlined(base[k], exponent)


@inlined
def logistic_inlined(x: float) -> float:
    """`logistic` without a call and without a jump, for loops that fill vector registers."""
    return 1.0 / (1.0 + exponential_inlined(-x))


@kernel
def logistic(x: float) -> float:
    """1 / (1 + exp(-x))."""
    return logistic_inlined(x)


@inlined
def _polynomial(x: float, coefficients) -> float:
    """Value of a polynomial by Horner's rule, the coefficient of the highest power first."""
    total = 0.0
    for coefficient in coefficients:
        total = total * x + coefficient
    return total


_RAREST = 1e-12
_TAIL = 0.02425
_TAIL_ABOVE = (
    -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e00, -2.549732539343734e00,
    4.374664141464968e00, 2.938163982698783e00,
)  # fmt: skip
_TAIL_BELOW = (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e00, 3.754408661907416e00, 1.0)
_MIDDLE_ABOVE = (
    -3.969683028665376e01, 2.209460984245205e02, -2.759285104469687e02, 1.383577518672690e02,
    -3.066479806614716e01, 2.506628277459239e00,
)  # fmt: skip
_MIDDLE_BELOW = (
    -5.447609879822406e01, 1.615858368580409e02, -1.556989798598866e02, 6.680131188771972e01,
    -1.328068155288572e01, 1.0,
)  # fmt: skip


@kernel
def normal_quantile(p: float) -> float:
    """Quantile of the standard normal distribution (Acklam's rational approximation, error below 1.2e-9)."""
    return normal_quantile_inlined(p)


@inlined
def normal_quantile_inlined(p: float) -> float:
    """`normal_quantile` without a call and without a jump, for loops that fill vector registers."""
    p = p if p > _RAREST else _RAREST
    p = p if p < 1.0 - _RAREST else 1.0 - _RAREST
    beyond = p if p < 1.0 - p else 1.0 - p
    q = np.sqrt(-2.0 * logarithm_inlined(beyond))
    tail = _polynomial(q, _TAIL_ABOVE) / _polynomial(q, _TAIL_BELOW)
    tail = tail if p < 0.5 else -tail
    q = p - 0.5
    r = q * q
    middle = _polynomial(r, _MIDDLE_ABOVE) * q / _polynomial(r, _MIDDLE_BELOW)
    return tail if (p < _TAIL) | (p > 1.0 - _TAIL) else middle


@called
def normal_share(x: float) -> float:
    """Standard normal distribution function (Zelen and Severo 1964, absolute error below 7.5e-8)."""
    t = 1.0 / (1.0 + 0.2316419 * abs(x))
    density = 0.3989422804014327 * exponential(-0.5 * x * x)
    tail = density * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    return tail if x < 0.0 else 1.0 - tail

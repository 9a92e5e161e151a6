"""Money: amounts as providers write them, in minor units (ISO 4217)."""

from decimal import Decimal, InvalidOperation
from functools import lru_cache

_WHOLE = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI")
_WHOLE_TOO = ("VND", "VUV", "XAF", "XOF", "XPF")
_THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_EXPONENTS = {
    **dict.fromkeys((*_WHOLE, *_WHOLE_TOO), 0),
    **dict.fromkeys(_THOUSANDTHS, 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_USUAL_EXPONENT = 2
MOST_MINOR = 100_000_000


@lru_cache(maxsize=4096)
def minor_units(amount: str, currency: str) -> int:
    """Return ``amount`` ("3.99") in the smallest unit of ``currency``, by ISO 4217's exponent.

    Raises:
        ValueError: It is no amount, below zero, too large, or finer than the currency's unit.
    """
    try:
        value = Decimal(amount)
    except InvalidOperation:
        raise ValueError(f"{amount!r} is no amount of money") from None
    if not value.is_finite() or not 0 <= value <= MOST_MINOR:
        raise ValueError(f"{amount!r} is no price")
    minor = value.scaleb(_EXPONENTS.get(currency, _USUAL_EXPONENT))
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount!r} is finer than the smallest unit of {currency}")
    return int(minor)

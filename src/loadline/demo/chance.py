"""A seed in, DuckDB macros out: chance that is the same on every machine, thread count and engine version.

Everything drawn here is 64-bit integer arithmetic that cannot overflow. `random()` depends on threads, `hash()` on the
engine's version and floating-point functions on the C library, so none of them is used.
"""

from __future__ import annotations


def macros(seed: int) -> str:
    """`pick(i, stream, n)`: an integer in [0, n), even, for row `i`; streams are independent of each other.

    `skew(i, stream, n)` leans towards 0 (the square of an even draw); `bell(i, stream, n)` towards the middle.
    The mixing step is the xor-shift-multiply finalizer of MurmurHash3's kind, three rounds over 32 bits.
    """
    start = (seed * 7_368_787 + 12_345) % 4_294_967_296
    return f"""
    CREATE MACRO stir(x) AS ((xor(x, x >> 16) * 73244475) & 4294967295);
    CREATE MACRO draw(i, stream) AS
        stir(stir((stir((i * 40503 + {start}) & 4294967295) + stream * 2654435) & 4294967295));
    CREATE MACRO pick(i, stream, n) AS ((draw(i, stream) * (n)) >> 32);
    CREATE MACRO skew(i, stream, n) AS
        (((pick(i, stream, 1000000) * pick(i, stream, 1000000)) // 1000000) * (n)) // 1000000;
    CREATE MACRO bell(i, stream, n) AS
        ((pick(i, stream, 1000) + pick(i, stream + 1, 1000) + pick(i, stream + 2, 1000)) * (n)) // 3000;
    """

"""Seeds made from parts, so that every stream of random numbers has a name."""

import hashlib


def mixed_seed(*parts: int | str) -> int:
    """Mix numbers and purposes into one 63-bit seed; different parts give unrelated seeds."""
    text = "/".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1

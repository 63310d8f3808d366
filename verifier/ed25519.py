# SPDX-License-Identifier: Apache-2.0
"""Ed25519 (RFC 8032 §5.1) in plain Python: verification; keys and signatures only for tests and
vectors, since nothing here takes the same time for every secret."""
import functools
import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493  # order of the base point
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

# Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, x·y = T/Z (§5.1.4).
NEUTRAL = (0, 1, 1, 0)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * D * p[3] * q[3] % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def encode(p):
    inverse = pow(p[2], -1, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, 'little')


def decode(data):
    """The point, or None if these bytes are none (§5.1.3)."""
    if len(data) != 32:
        return None
    y = int.from_bytes(data, 'little')
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


@functools.lru_cache(maxsize=64)
def table(encoded, sign=1):
    """j · 16^i · ±point for each of the 64 digits i and each j < 16, so that multiplying only adds."""
    point = decode(encoded)
    if point is None:
        return None
    point = sign * point[0] % P, point[1], 1, sign * point[3] % P
    rows = []
    for _ in range(64):
        row = [NEUTRAL]
        for _ in range(15):
            row.append(add(row[-1], point))
        rows.append(row)
        point = add(row[15], point)
    return rows


def multiply(rows, scalar, total=NEUTRAL):
    """total + scalar · the table's point."""
    for row in rows:
        digit = scalar & 15
        if digit:
            total = add(total, row[digit])
        scalar >>= 4
    return total


BASE = (4 * pow(5, -1, P) % P).to_bytes(32, 'little')  # y = 4/5, x even


def scalar_of(*data):
    return int.from_bytes(hashlib.sha512(b''.join(data)).digest(), 'little') % L


def verify(public, message, signature):
    """Whether the signature is the key's over the message; S must be below L (§5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    r, s = signature[:32], int.from_bytes(signature[32:], 'little')
    rows = table(bytes(public), -1)
    if s >= L or rows is None:
        return False
    # R = S·B − k·A, and as these bytes: R that is written in another way is refused.
    k = scalar_of(r, public, message)
    return encode(multiply(rows, k, multiply(table(BASE), s))) == r


def secrets_of(seed):
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], 'little') & ((1 << 254) - 8) | 1 << 254
    return scalar, digest[32:]


def public_key(seed):
    # Below L, for the table has 64 digits and the base point's order is L.
    return encode(multiply(table(BASE), secrets_of(seed)[0] % L))


def sign(seed, message):
    scalar, prefix = secrets_of(seed)
    public = public_key(seed)
    r = scalar_of(prefix, message)
    encoded = encode(multiply(table(BASE), r))
    s = (r + scalar_of(encoded, public, message) * scalar) % L
    return encoded + s.to_bytes(32, 'little')

"""Sign-in to a camera: Basic and Digest. Source: RFC 7617, RFC 7616 (MD5 and SHA-256, qop auth)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

_PAIR = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')


@dataclass
class Credentials:
    """Name and password of one camera, and the challenge it last put."""

    name: str
    password: str
    _scheme: str = ""
    _challenge: dict[str, str] | None = None
    _count: int = 0

    def take_challenge(self, headers: list[str]) -> bool:
        """Remember the best challenge of a 401; False when none can be answered."""
        parsed = [_parse(header) for header in headers]
        for wanted in ("digest", "basic"):
            for scheme, fields in parsed:
                if scheme == wanted and (wanted == "basic" or _digest_of(fields) is not None):
                    self._scheme, self._challenge, self._count = scheme, fields, 0
                    return True
        return False

    def header(self, method: str, url: str) -> str | None:
        """The Authorization value for a request; None before any challenge."""
        if self._challenge is None:
            return None
        if self._scheme == "basic":
            return "Basic " + base64.b64encode(f"{self.name}:{self.password}".encode()).decode()
        return self._digest(self._challenge, method, url)

    def _digest(self, challenge: dict[str, str], method: str, url: str) -> str:
        make = _digest_of(challenge) or hashlib.md5
        realm, nonce = challenge.get("realm", ""), challenge.get("nonce", "")
        secret = make(f"{self.name}:{realm}:{self.password}".encode()).hexdigest()
        target = make(f"{method}:{url}".encode()).hexdigest()
        fields = {"username": self.name, "realm": realm, "nonce": nonce, "uri": url}
        extra = ""
        if "auth" in [quality.strip() for quality in challenge.get("qop", "").split(",")]:
            self._count += 1
            count, own = f"{self._count:08x}", secrets.token_hex(8)
            answer = make(f"{secret}:{nonce}:{count}:{own}:auth:{target}".encode()).hexdigest()
            fields["cnonce"] = own
            extra = f", qop=auth, nc={count}"
        else:
            answer = make(f"{secret}:{nonce}:{target}".encode()).hexdigest()
        fields["response"] = answer
        if "opaque" in challenge:
            fields["opaque"] = challenge["opaque"]
        if "algorithm" in challenge:
            extra += f", algorithm={challenge['algorithm']}"
        return "Digest " + ", ".join(f'{key}="{value}"' for key, value in fields.items()) + extra


def _digest_of(challenge: dict[str, str]) -> Callable[[bytes], hashlib._Hash] | None:
    """The hash a challenge asks for; None for one that we do not know (the session variants among them)."""
    return {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}.get(challenge.get("algorithm", "MD5").upper())


def _parse(header: str) -> tuple[str, dict[str, str]]:
    scheme, _, rest = header.strip().partition(" ")
    return scheme.lower(), {key.lower(): quoted or bare for key, quoted, bare in _PAIR.findall(rest)}

"""Signs requests of a partner's program: HTTP Message Signatures (RFC 9421) with Ed25519, Digest Fields (RFC 9530).

    requests.post(url, json=body, auth=SignedRequest(private_key, key_id))
"""

import base64
import hashlib
import time
import urllib.parse
import uuid

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class SignedRequest(requests.auth.AuthBase):
    def __init__(self, key, key_id):
        self.key, self.key_id = key, key_id

    def __call__(self, request):
        url = urllib.parse.urlsplit(request.url)
        parts = {"@method": request.method, "@authority": url.netloc.lower(), "@path": url.path or "/"}
        if url.query or request.url.endswith("?"):
            parts["@query"] = "?" + url.query
        if request.body:
            body = request.body.encode() if isinstance(request.body, str) else request.body
            parts["content-digest"] = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
            request.headers["Content-Digest"] = parts["content-digest"]
        covered = " ".join(f'"{name}"' for name in parts)
        parameters = f'({covered});created={int(time.time())};keyid="{self.key_id}";alg="ed25519";nonce="{uuid.uuid4()}"'
        base = "".join(f'"{name}": {value}\n' for name, value in parts.items()) + f'"@signature-params": {parameters}'
        signature = base64.b64encode(self.key.sign(base.encode())).decode()
        request.headers["Signature-Input"] = f"sig={parameters}"
        request.headers["Signature"] = f"sig=:{signature}:"
        return request


def new_key():
    """A private key, and the public one in PEM."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key, public.decode()

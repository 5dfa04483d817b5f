"""The certificate with which questionnaires are offered in the local network: our own, for one address.

It proves nothing by itself; its fingerprint stands on the sheet with the links, so that somebody can compare.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from validation.errors import StudyError

FILE = "certificate.pem"
VALID = dt.timedelta(days=397)  # browsers take none that is valid for longer
SPARE = dt.timedelta(days=60)  # one that ends sooner is replaced


def certificate(path: Path, address: str, now: dt.datetime) -> str:
    """The fingerprint of the certificate in `path` (with its key, 0600); it is made where there is none for this
    address that is valid long enough. StudyError 'alone.not_written'."""
    known = _known(path)
    if known is None or address not in _addresses(known) or known.not_valid_after_utc < now + SPARE:
        known = _make(path, address, now)
    return fingerprint(known.fingerprint(hashes.SHA256()))


def context(path: Path) -> ssl.SSLContext:
    """What a server speaks with this certificate: TLS 1.2 or newer."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_cert_chain(path)
    return made


def fingerprint(digest: bytes) -> str:
    """A digest as browsers write it: 'AB:01:…'."""
    return digest.hex(":").upper()


def _known(path: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return None


def _addresses(known: x509.Certificate) -> set[str]:
    names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(each) for each in names.get_values_for_type(x509.IPAddress)}


def _make(path: Path, address: str, now: dt.datetime) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lotsenbuch")])
    own = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))  # clocks of telephones may be behind
        .not_valid_after(now + VALID)
        .add_extension(own, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    part = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(private + made.public_bytes(Encoding.PEM))
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StudyError("alone.not_written", path=path) from error
    return made

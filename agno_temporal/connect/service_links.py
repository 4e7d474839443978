"""Variables that Kubernetes puts into every container of a namespace, one set for each Service in it.

They begin with the Service's name in capitals: one named ``agno-temporal-api``, as anybody would name it, makes
variables that look like misspelt settings of ours, and the API would not start where its own Service is
(kubernetes/pkg/kubelet/envvars/envvars.go). So these are told by their names and their values together; a setting
under such a name has no such value.
"""

from __future__ import annotations

import re
from typing import Final

_ADDRESS = r"[0-9a-fA-F.:]+"
_NUMBER = r"\d{1,5}"
_URL = r"(tcp|udp|sctp)://\S+:\d{1,5}"
_ONE_PORT = r"PORT_\d{1,5}_(TCP|UDP|SCTP)"

_FORMS: Final = tuple(
    (re.compile(rf"(.+_)?{name}"), re.compile(value))
    for name, value in (
        ("SERVICE_HOST", _ADDRESS),
        (r"SERVICE_PORT(_[A-Z0-9_]+)?", _NUMBER),
        (rf"(PORT|{_ONE_PORT})", _URL),
        (f"{_ONE_PORT}_PROTO", "tcp|udp|sctp"),
        (f"{_ONE_PORT}_PORT", _NUMBER),
        (f"{_ONE_PORT}_ADDR", _ADDRESS),
    )
)


def is_service_link(name: str, value: str) -> bool:
    """Whether Kubernetes has set this variable.

    Args:
        name: With or without the beginning that it shares with others.

    >>> is_service_link("PORT", "tcp://10.0.0.1:7777"), is_service_link("PORT", "7777")
    (True, False)
    """
    return any(names.fullmatch(name) and values.fullmatch(value) for names, values in _FORMS)

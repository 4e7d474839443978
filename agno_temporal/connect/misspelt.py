"""Names of settings that are none are refused.

A setting that is misspelt and passed over is a door that stands open which somebody has meant to shut, or data in plain
which somebody has meant to encrypt; and nothing shows it. So where a name begins as settings do that keep something
safe, it has to be one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from agno_temporal.connect.bad_setting import BadSetting
from agno_temporal.connect.service_links import is_service_link


def settings_of(
    environment: Mapping[str, str], beginning: str, known: Collection[str], others: Collection[str] = ()
) -> dict[str, str]:
    """The settings of this beginning that are set, by their names. What Kubernetes sets under such names is none.

    Args:
        others: Names of the same beginning that somebody else reads.

    Raises:
        BadSetting: One is neither. Its value is not repeated: it may be a secret.
    """
    found: dict[str, str] = {}
    for variable, text in environment.items():
        if not variable.startswith(beginning) or variable in others or is_service_link(variable, text):
            continue
        if variable not in known:
            raise BadSetting(f"{variable} is no setting. Those there are: {', '.join(known)}.")
        found[variable] = text
    return found

"""The release's own checks: it says which version it is, and no page links to a file that is not there."""

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
SITE = HERE / "site"


def problems() -> list[str]:
    found: list[str] = []
    version = json.loads((HERE / "release.json").read_text())["version"]
    if (SITE / "version.txt").read_text().strip() != version:
        found.append(f"version.txt does not say {version}")
    for page in sorted(SITE.rglob("*.html")):
        for target in re.findall(r'(?:href|src)="([^":#?]+)"', page.read_text()):
            if not (page.parent / target).is_file():
                found.append(f"{page.relative_to(SITE)} links to {target}, which is not there")
    return found


if __name__ == "__main__":
    found = problems()
    print("\n".join(found) or f"{len(list(SITE.rglob('*.html')))} pages, no broken link")
    sys.exit(1 if found else 0)

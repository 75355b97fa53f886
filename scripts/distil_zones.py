"""Distil Unicode CLDR's windowsZones.xml into the time zones that Xero's organisations have.

    python scripts/distil_zones.py path/to/windowsZones.xml      write zones.json

Xero names zones as Windows does, in capitals and without spaces, dots and hyphens. The file itself is not
part of this repository; the Unicode Consortium publishes it as unicode-org/cldr,
common/supplemental/windowsZones.xml.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

ZONES = Path(__file__).parent.parent / "src/bookward/destinations/xero/zones.json"
_WORLD = "001"  # CLDR's territory for the zone that stands for a name where no country is known


def distil(text: str) -> dict[str, str]:
    """Return the IANA name of every zone by Xero's name."""
    entries = ElementTree.fromstring(text).iter("mapZone")  # noqa: S314 - a file of one's own choice
    zones = {
        re.sub(r"[ .-]", "", entry.attrib["other"]).upper(): entry.attrib["type"]
        for entry in entries
        if entry.attrib["territory"] == _WORLD
    }
    return dict(sorted(zones.items()))


def main() -> None:
    """Read the file named on the command line and write the zones."""
    zones = distil(Path(sys.argv[1]).read_text(encoding="utf-8"))
    ZONES.write_text(json.dumps(zones, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

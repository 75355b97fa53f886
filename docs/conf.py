"""How the documentation becomes a site; see docs/decisions/0054-documentation-site.md."""

project = "Bookward"
author = "The authors of Bookward"
root_doc = "docs/index"
include_patterns = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "bench/RESULTS.md",
    "docs/**",
]
exclude_patterns = ["docs/pictures/**"]
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
html_theme = "furo"
html_title = "Bookward"
html_copy_source = False
nitpicky = True
suppress_warnings = ["misc.highlighting_failure"]  # crontabs have no colours

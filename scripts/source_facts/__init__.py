"""What people are told of each kind of source beside its settings: above all, what it was tested against."""

from __future__ import annotations

from source_facts.about import HOW, About
from source_facts.clouds import CLOUDS
from source_facts.databases import DATABASES
from source_facts.files import FILES
from source_facts.services import SERVICES

__all__ = ["ABOUT", "HOW", "About"]

ABOUT = FILES | SERVICES | DATABASES | CLOUDS

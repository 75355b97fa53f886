"""The local Xero: an emulator that keeps the documented rules and can be told to misbehave."""

from __future__ import annotations

from bookward.demo.xero.consent import approve
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.options import (
    CUSTOM_APP,
    DEMO_COMPANY,
    PKCE_APP,
    WEB_APP,
    App,
    AppKind,
    Company,
    Options,
)
from bookward.demo.xero.server import LocalXero, create_app
from bookward.demo.xero.world import Call, World

__all__ = [
    "CUSTOM_APP",
    "DEMO_COMPANY",
    "PKCE_APP",
    "WEB_APP",
    "App",
    "AppKind",
    "Call",
    "Company",
    "Fault",
    "FaultKind",
    "LocalXero",
    "Options",
    "World",
    "approve",
    "create_app",
]

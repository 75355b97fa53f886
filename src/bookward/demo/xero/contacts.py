"""``/Contacts``. Source: Xero, Accounting API, Contacts."""

from __future__ import annotations

from bookward.demo.xero.contact_shape import CONTACT_KIND
from bookward.demo.xero.contact_write import ContactWriter
from bookward.demo.xero.endpoints import get_list, get_one, write_many, write_one
from bookward.demo.xero.resources import Resource

SCOPES = ("accounting.contacts",)

CONTACTS = Resource(
    scopes=SCOPES,
    methods={
        "GET": get_list(CONTACT_KIND),
        "PUT": write_many(ContactWriter, create_only=True),
        "POST": write_many(ContactWriter, create_only=False),
    },
)
CONTACT_ONE = Resource(
    scopes=SCOPES, methods={"GET": get_one(CONTACT_KIND), "POST": write_one(ContactWriter)}
)

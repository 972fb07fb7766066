"""Addresses and contacts, field by field, as in the contract Default/25.200.001."""

from __future__ import annotations

from sandbox.acumatica.schema import Schema

ADDRESS = Schema(
    "Address",
    texts=(
        "AddressLine1 AddressLine2 City Country PostalCode State Department SubDepartment "
        "StreetName BuildingNumber BuildingName Floor UnitNumber PostBox Room TownLocationName "
        "DistrictName"
    ),
    flags="Validated",
)
DOC_CONTACT = Schema(
    "DocContact",
    texts="Attention BusinessName Email Phone1",
)

"""What is the same in every simulated ShipStation account: carriers with their services, marketplaces, users, tags."""

from __future__ import annotations

from typing import Any, Final

SELLER_ID: Final = 2335513
USER_ID: Final = "d52e3087-15dd-412c-a3b5-d66b8ed875c7"
DEFAULT_STORE: Final = 179188
DEFAULT_WAREHOUSE: Final = 511543

# code: (name, provider id, needs funds, {service code: (name, international)})
_CARRIERS: dict[str, tuple[str, int, bool, dict[str, tuple[str, bool]]]] = {
    "stamps_com": (
        "Stamps.com",
        150759,
        True,
        {
            "usps_first_class_mail": ("USPS First Class Mail", False),
            "usps_priority_mail": ("USPS Priority Mail", False),
            "usps_priority_mail_express": ("USPS Priority Mail Express", False),
            "usps_priority_mail_international": ("USPS Priority Mail Intl", True),
        },
    ),
    "ups": (
        "UPS",
        150760,
        False,
        {
            "ups_ground": ("UPS® Ground", False),
            "ups_2nd_day_air": ("UPS 2nd Day Air®", False),
            "ups_next_day_air": ("UPS Next Day Air®", False),
            "ups_worldwide_expedited": ("UPS Worldwide Expedited®", True),
        },
    ),
    "fedex": (
        "FedEx",
        150761,
        False,
        {
            "fedex_ground": ("FedEx Ground®", False),
            "fedex_2day": ("FedEx 2Day®", False),
            "fedex_international_economy": ("FedEx International Economy®", True),
        },
    ),
    "dhl_express": (
        "DHL Express",
        150762,
        False,
        {"dhl_express_worldwide": ("DHL Express Worldwide", True)},
    ),
    "ontrac": ("OnTrac", 150763, False, {"ontrac_ground": ("OnTrac Ground", False)}),
}


def carriers() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "code": code,
            "accountNumber": None if funded else f"{provider}A",
            "requiresFundedAccount": funded,
            "balance": 0,
            "nickname": "Free" if funded else name,
            "shippingProviderId": provider,
            "primary": code == "stamps_com",
        }
        for code, (name, provider, funded, _) in _CARRIERS.items()
    ]


def services(carrier: str) -> list[dict[str, Any]]:
    return [
        {
            "carrierCode": carrier,
            "code": code,
            "name": name,
            "domestic": not international,
            "international": international,
        }
        for code, (name, international) in _CARRIERS[carrier][3].items()
    ]


def packages(carrier: str) -> list[dict[str, Any]]:
    names = {"package": "Package"}
    if carrier == "stamps_com":
        names |= {"flat_rate_envelope": "Flat Rate Envelope", "letter": "Letter"}
    return [
        {
            "carrierCode": carrier,
            "code": code,
            "name": name,
            "domestic": True,
            "international": True,
        }
        for code, name in names.items()
    ]


def carrier_codes() -> list[str]:
    return list(_CARRIERS)


def carrier_name(code: str) -> str:
    return _CARRIERS[code][0] if code in _CARRIERS else code


def default_service(carrier: str) -> str:
    return next(iter(_CARRIERS[carrier][3])) if carrier in _CARRIERS else f"{carrier}_ground"


MARKETPLACES: Final = [
    {
        "name": name,
        "marketplaceId": key,
        "canRefresh": key != 0,
        "supportsCustomMappings": False,
        "supportsCustomStatuses": key in (28, 36, 115),
        "canConfirmShipments": True,
    }
    for name, key in (
        ("Acumatica", 115),
        ("Amazon", 2),
        ("BigCommerce", 13),
        ("Custom Store", 22),
        ("eBay", 1),
        ("Magento", 28),
        ("ShipStation", 0),
        ("Shopify", 14),
        ("WooCommerce", 36),
    )
]

USERS: Final[list[dict[str, Any]]] = [
    {"userId": USER_ID, "userName": "admin@example.com", "name": "Example User"},
    {
        "userId": "c9f06d74-95de-4263-9b04-e87095cababf",
        "userName": "packer@example.com",
        "name": "Example Packer",
    },
]

TAGS: Final[list[dict[str, Any]]] = [
    {"tagId": 8362, "name": "Backorder", "color": "#800080"},
    {"tagId": 53974, "name": "Rush", "color": "#FF0000"},
    {"tagId": 53975, "name": "From ERP", "color": "#008000"},
]

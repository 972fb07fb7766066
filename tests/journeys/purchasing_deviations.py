"""What goes otherwise than planned between order and receipt, with all processes real.

    python -m tests.journeys.purchasing_deviations <folder>

One customer buys five times and sells once, and each order deviates in its own way; the report holds what both systems
and our records say in the end.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from tests.journeys.purchasing_trip import RECEIPT, Trip, main

if TYPE_CHECKING:
    from sandbox.scenarios.fixture import Fixture

OURS = "shipstation:"


class Deviations(Trip):
    """Receipts are not released here, so that a voided label can take its own back."""

    def create_fixture(self) -> Fixture:
        fixture = super().create_fixture()
        fixture.flow("receipts").mappings.filter(target="release").update(source="`false`")
        fixture.integration.flows.filter(slug="order_change_notes").update(enabled=True)
        fixture.schedule(purchase_orders=2, receipts=2, order_changes=2, invoices=2)
        return fixture

    def run(self) -> dict[str, Any]:
        self.fixture.activate()
        overshipped, fewer, edited, voided, lost = (self.bought(4, 6) for _ in range(5))
        self.until(lambda: len(self.sent()) == 5)
        report = {
            "overshipped": self.ships_more(overshipped),
            "fewer": self.loses_a_line(fewer),
            "edited": self.is_edited(edited),
            "voided": self.is_voided(voided),
            "lost": self.loses_an_answer(lost),
            "invoice": self.is_invoiced(),
        }
        self.until(self.is_finished)
        return report | {"records": self.records()}

    # The deviations

    def ships_more(self, number: str) -> dict[str, Any]:
        """More leaves than was ordered; the order's lines accept it with a warning."""
        self.shipstation.do("edit", order_number=number, changes={"quantities": {f"{number}/1": 9}})
        self.shipstation.do("ship", order_number=number, items=[{"lineItemKey": f"{number}/1", "quantity": 9}])
        self.until(lambda: self.received(number) == [{"1": 9}])
        return {"received": self.received(number)}

    def loses_a_line(self, number: str) -> dict[str, Any]:
        """A line is deleted in Visma.net after the order went out."""
        self.visma.do("delete_line", order_nbr=number, line_nbr=2)
        self.until(lambda: len(self.sent()[number]["items"]) == 1)
        return {"items": [item["lineItemKey"] for item in self.sent()[number]["items"]]}

    def is_edited(self, number: str) -> dict[str, Any]:
        """Somebody changes address and quantity in ShipStation."""
        changes = {"shipTo": {"city": "Tromsø"}, "quantities": {f"{number}/2": 5}}
        self.shipstation.do("edit", order_number=number, changes=changes)
        self.until(lambda: "TROMSØ" in str(self.order(number).get("note")))
        self.until(lambda: self.record("order_changes", number)["state"] == "conflict")
        return {"note": self.order(number)["note"], "record": self.record("order_changes", number)}

    def is_voided(self, number: str) -> dict[str, Any]:
        """The label is voided after its receipt was made."""
        (label,) = self.shipstation.do("ship", order_number=number)["shipments"]
        self.until(lambda: len(self.received(number)) == 1)
        self.shipstation.do("void", shipment_id=label["shipmentId"])
        self.until(lambda: self.received(number) == [])
        return {"received": self.received(number), "line": self.order(number)["lines"][0]["qtyOnReceipts"]}

    def loses_an_answer(self, number: str) -> dict[str, Any]:
        """The receipt is made, and the answer that would say so is lost."""
        self.visma.fault("cut_after", path=RECEIPT, method="POST")
        self.shipstation.do("ship", order_number=number)
        self.until(lambda: self.received(number) == [{"1": 4, "2": 6}])
        self.until(self.is_finished)
        return {"received": self.received(number), "made": self.made(number)}

    def is_invoiced(self) -> dict[str, Any]:
        """An order that a shop brought into ShipStation is invoiced in Visma.net."""
        (key,) = self.visma.do("make_sales_orders", count=1)["orders"]
        sale = next(sale for sale in self.visma.state()["salesOrders"] if str(key).endswith(sale["orderId"]))
        reference = sale["customer"]["order"]
        self.shop_order(reference)
        invoice = self.visma.do("invoice", order_nbr=key, release=True)["referenceNumber"]
        self.until(lambda: self.sent(by="orderNumber")[reference]["advancedOptions"].get("customField3") == invoice)
        return {"invoice": invoice, "record": self.record("invoices", reference)}

    # In both systems

    def bought(self, *quantities: int) -> str:
        lines = [
            {"inventory": item, "orderQty": quantity}
            for item, quantity in zip(("STOL-101", "LAMPE-7"), quantities, strict=True)
        ]
        return str(self.visma.do("make_order", lines=lines)["orderNbr"])

    def shop_order(self, number: str) -> None:
        known = self.shipstation.simulator.credentials
        address = {
            "name": "Kari Nordmann",
            "street1": "Storgata 1",
            "city": "Oslo",
            "postalCode": "0155",
            "country": "NO",
        }
        order = {
            "orderNumber": number,
            "orderKey": f"shop-{number}",
            "orderDate": "2026-11-01T00:00:00",
            "orderStatus": "awaiting_shipment",
            "billTo": {"name": "Kari Nordmann"},
            "shipTo": address,
            "items": [{"sku": "STOL-101", "name": "Chair", "quantity": 2, "unitPrice": 1}],
        }
        requests.post(
            f"{self.shipstation.base_url}/orders/createorder",
            json=order,
            auth=(known["api_key"], known["api_secret"]),
            timeout=10,
        ).raise_for_status()

    def sent(self, by: str = "orderKey") -> dict[str, dict[str, Any]]:
        return {order[by]: order for order in self.shipstation.state()["orders"]}

    def made(self, number: str) -> int:
        """Receipts of ours for this order, cancelled ones too."""
        marks = [str(receipt.get("customStr1") or "") for receipt in self.visma.state()["purchaseReceipts"]]
        return sum(mark.startswith(f"{OURS}{number}:") for mark in marks)

    def received(self, number: str) -> list[dict[str, int]]:
        return [
            {str(line.get("poOrderLineNbr")): int(line["receiptQty"]) for line in receipt["lines"]}
            for receipt in self.visma.state()["purchaseReceipts"]
            if str(receipt.get("customStr1") or "").startswith(f"{OURS}{number}:") and receipt["status"] != "Cancelled"
        ]

    def record(self, flow: str, natural_key: str) -> dict[str, Any]:
        from syncjobs.models import SyncRecord

        fields = ("state", "cause", "next_step", "target_key")
        records = SyncRecord.objects.filter(flow__integration=self.fixture.integration, flow__slug=flow)
        return dict(records.filter(natural_key=natural_key).values(*fields).first() or {"state": ""})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Deviations)

"""What is read from Visma.net and written to it. Here: purchase orders, customer invoices, suppliers, items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from connections.vendor import Document, Resource
from connections.vendors.visma_net.codec import Record, number
from connections.vendors.visma_net.order_notes import PurchaseOrderNotes
from connections.vendors.visma_net.reader import Listing, Readable
from connections.vendors.visma_net.receipts.of_order import receipts_of, received_elsewhere
from connections.vendors.visma_net.receipts.resource import PurchaseReceipts

# The default of each is announced to change, so each is said.
EXPANDS = {
    "expandCrossReference": "true",
    "expandInventoryUnits": "true",
    "expandAttribute": "true",
    "expandAttachment": "false",
    "expandWarehouseDetail": "false",
    "expandAccountInformation": "false",
    "expandSupplierDetails": "false",
    "expandSalesCategories": "false",
    "expandNote": "true",
}
INVOICE_EXPANDS = {
    "expandTaxDetails": "true",
    "expandInvoiceAddress": "true",
    "expandApplications": "false",
    "expandAttachments": "false",
    "expandDunningInformation": "false",
}


class PurchaseOrders(Readable):
    """Purchase orders of all states, with what has been received past us on each line."""

    slug = "purchase_orders"
    label = "Purchase orders"
    document = "purchase_order"
    sample = "purchase_order.json"
    listing = Listing("/v1/purchaseorder", "orderNbr", {"includeCustomFreeFields": "true"})
    one = {"includeCustomFreeFields": "true"}

    def documents(self, record: Record) -> Sequence[Document]:
        """`receivedElsewhere` on each line: `orderQty` less it does not move when our own receipts come."""
        (document,) = super().documents(record)
        lines = record.get("lines") or []
        touched = any(number(line.get("qtyOnReceipts")) > 0 for line in lines)
        receipts = receipts_of(self.client, document.key) if touched else []
        elsewhere = received_elsewhere(record, receipts)
        for line in document.body.get("lines") or []:
            line["receivedElsewhere"] = elsewhere.get(line.get("lineNbr"), Decimal(0))
        return [document]


class CustomerInvoices(Readable):
    """Customer invoices, one document for each sales order that they bill."""

    slug = "customer_invoices"
    label = "Customer invoices"
    document = "customer_invoice"
    sample = "customer_invoice.json"
    listing = Listing("/v1/customerinvoice", "referenceNumber", INVOICE_EXPANDS)
    left_out = frozenset({"attachments", "applications"})

    def get(self, key: str) -> Sequence[Document]:
        """The invoice of one order, by `number/order`, or all documents of an invoice by its number."""
        number, _, order = key.partition("/")
        documents = super().get(number)
        return [document for document in documents if document.key == key] if order else documents

    def documents(self, record: Record) -> Sequence[Document]:
        (whole,) = super().documents(record)
        lines = whole.body.get("invoiceLines") or []
        orders: dict[str, str] = {}
        for line in lines:
            if line.get("soOrderNbr"):
                orders.setdefault(str(line["soOrderNbr"]), str(line.get("soOrderType") or ""))
        if len(orders) < 2:
            kind, number = next(((kind, number) for number, kind in orders.items()), ("", ""))
            return [self._of_order(whole, whole.key, kind, number, lines)]
        return [
            self._of_order(
                whole,
                f"{whole.key}/{number}",
                kind,
                number,
                [line for line in lines if str(line.get("soOrderNbr") or "") == number],
            )
            for number, kind in orders.items()
        ]

    def _of_order(self, whole: Document, key: str, kind: str, number: str, lines: Sequence[Record]) -> Document:
        body = {**whole.body, "invoiceLines": list(lines), "soOrderType": kind, "soOrderNbr": number}
        if self.client.settings.get("read_sales_orders"):
            order = self.client.sales_order(kind or "SO", number) if number else {}
            customer = order.get("customer") or {}
            body |= {"customerOrder": customer.get("order") or "", "customerRefNo": customer.get("refNo") or ""}
        return replace(whole, key=key, body=body)


class Suppliers(Readable):
    slug = "suppliers"
    label = "Suppliers"
    document = "supplier"
    sample = "supplier.json"
    listing = Listing("/v1/supplier", "number")

    def documents(self, record: Record) -> Sequence[Document]:
        (document,) = super().documents(record)
        return [replace(document, label=str(record.get("name") or document.key))]


class Inventory(Readable):
    """Items. Their number, which is the SKU, can be changed in Visma.net; `inventoryId` stays."""

    slug = "inventory"
    label = "Items"
    document = "inventory"
    sample = "inventory.json"
    listing = Listing("/v1/inventory", "inventoryNumber", EXPANDS)
    left_out = frozenset(
        {"attachments", "warehouseDetails", "accountInformation", "supplierDetails", "salesCategories"}
    )


RESOURCES: tuple[type[Resource], ...] = (
    PurchaseOrders,
    PurchaseReceipts,
    PurchaseOrderNotes,
    CustomerInvoices,
    Suppliers,
    Inventory,
)

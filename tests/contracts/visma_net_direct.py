"""What our client never asks of Visma.net: every operation that the simulator knows, with all that it can show."""

from __future__ import annotations

from sandbox.kit.server import Running
from tests.connections.vendors.visma_net.company import Company, direct, wrap

SHOWN = {"includeCustomFreeFields": "true", "expandNote": "true"}
READ = (
    "customerinvoice customerinvoice/300141 supplier supplier/50000 inventory inventory/STOL-101 inventory/MEL-25KG "
    "inventory/internal/2100 warehouse warehouse/1 branch branch/1 organization organization/5102401 financialPeriod "
    "financialPeriod/202611 carrier carrier/DHL purchaseorder/none"
)


def make_direct_calls(running: Running) -> None:
    company = Company(running)
    try:
        company.do("clear")
        _orders(company)
        _receipts(company)
        _releases(company)
        for path in READ.split():
            company.get(f"v1/{path}")
        _invoices(company)
        _background(company)
        _sales(company)
    finally:
        company.http.close()


def _orders(company: Company) -> None:
    line = {"operation": "Insert", **wrap(inventory="STOL-101", orderQty=4, warehouse="1", uom="STK", unitCost=100)}
    body = {**wrap(orderType="RegularOrder", supplier="50000", date="2026-11-02"), "lines": [line]}
    made = company.post("v1/purchaseorder", body)
    number = made.headers["Location"].rpartition("/")[2]
    address = {"shippingAddress": {"value": wrap(city="Hamar", countryId="NO")}}
    company.put(
        f"v1/purchaseorder/{number}", {**wrap(shipVia="DHL", note="A note", customStr1="x", customDec1=1.5), **address}
    )
    company.put(f"v1/purchaseorder/{number}", wrap(note="late"), If_Match='"AAAAAAAAAAA="')
    company.received(number, 1)
    company.get("v1/purchaseorder", includeCustomFreeFields="true")
    company.get(f"v1/purchaseorder/{number}", includeCustomFreeFields="true")


def _receipts(company: Company) -> None:
    order = company.make_order(8, 8)
    cancelled = company.received(order, 4)
    company.release(cancelled)
    company.post(f"v1/PurchaseReceipt/{cancelled}/action/cancelReceipt")
    line = direct(order, 2, lotSerialNumber="A")
    line["allocations"] = [{"operation": "Insert", **wrap(quantity=2, location="1")}]
    company.post("v1/PurchaseReceipt", {**wrap(supplierId="50000", customStr1="mark"), "lines": [line]})
    body = {"purchaseOrders": [{"orderNbr": order, "orderType": "RegularOrder"}]}
    company.post(f"v1/PurchaseReceipt/{company.make_receipt()}/action/addpurchaseorder", body)
    company.post(
        f"v1/purchaseorder/{company.make_order(1)}/action/createpurchasereceipt", {"orderType": "RegularOrder"}
    )
    company.get("v2/PurchaseReceipt", status="Cancelled", **SHOWN)
    company.get("v2/PurchaseReceipt", **SHOWN)
    company.get(f"v2/PurchaseReceipt/{cancelled}", includeCustomFreeFields="true")
    company.switch(receipts_v1="warning")
    company.get("v1/PurchaseReceipt")
    company.get(f"v1/PurchaseReceipt/{cancelled}")
    company.switch(receipts_v1="gone")


def _releases(company: Company) -> None:
    order = company.make_order(8)
    for result in ("queued", "stuck", "failed", "done"):
        receipt = company.received(order, 1)
        company.switch(release=result)
        company.release(receipt)


def _invoices(company: Company) -> None:
    for order in company.do("make_sales_orders", count=3)["orders"]:
        number = company.do("invoice", order_nbr=order)["referenceNumber"]
        company.get(
            "v1/customerinvoice", expandTaxDetails="true", expandInvoiceAddress="true", expandApplications="true"
        )
        company.put(f"v1/customerinvoice/{number}", wrap(note="Paid by card"))
        company.post(f"v1/customerinvoice/{number}/action/release")
        company.get(f"v1/customerinvoice/{number}")


def _background(company: Company) -> None:
    accepted = company.http.get(f"{company.erp}/v1/supplier", headers={"erp-api-background": "none"}, timeout=30)
    state = company.get(f"v1/background/{accepted.json()['id']}")
    assert state.json()["statusCode"] == 200
    company.get(f"v1/background/{accepted.json()['id']}/content")


def _sales(company: Company) -> None:
    company.do("make_sales_orders", count=2)
    company.sale(orderBy="lastModified desc", modifiedSince="2026-01-01T00:00:00Z", pageSize="2")
    company.sale("/SO")
    for row in company.sale().json()["value"]:
        path = f"/SO/{row['orderId']}"
        order = company.sale(path, expand="All")
        for sent, match in (
            ({"customer": {"order": "SHOP-1"}, "note": "n"}, order.headers["ETag"]),
            ({"description": "x" * 256}, order.headers["ETag"]),
            ({"description": "x"}, '"AAAAAAAAAAA="'),
            ({"description": "x"}, ""),
        ):
            headers = {"If-Match": match} if match else {}
            company.http.patch(f"{company.v3}/SalesOrders{path}", json=sent, headers=headers, timeout=30)
    company.sale("/SO/none")
    company.sale("", pageSize="0")

"""The cards of the operator page, one for each document, with what a person may do with it."""

from __future__ import annotations

from sandbox.visma_net.pages.parts import badge, button, card, fold, form, items, quantity, text
from sandbox.visma_net.rules import order_schema as shape
from sandbox.visma_net.store import ZERO, Record, Row, Store


def order_card(store: Store, row: Row, back: str) -> str:
    order = row.body
    about = [order["supplier"]["name"], order["orderType"], order["date"][:10], order.get("description") or ""]
    place = order.get("shippingAddress", {}).get("city")
    about += [f"ships to {place}" if place else ""]
    who = f"{text(about[0])}<br><span>{text(' · '.join(each for each in about[1:] if each))}</span>"
    note = f'<p class="who">{text(order["note"])}</p>' if order.get("note") else ""
    return card(
        row.key, row.key, order["status"], who, _order_lines(row, back), note, _receipts(order), _may(row, back)
    )


def _order_lines(row: Row, back: str) -> str:
    order = row.body
    shown = []
    for line in order["lines"]:
        name = (line["inventory"] or {}).get("number") or line["lineType"]
        facts = f"{quantity(line['_released'])} received"
        waiting = line["qtyOnReceipts"] - line["_released"]
        facts += f", {quantity(waiting)} on open receipts" if waiting else ""
        facts += ", complete" if line["completed"] else ", cancelled" if line["canceled"] else ""
        delete = ""
        if order["status"] in {"Open", "Hold"} and not line["qtyOnReceipts"] and len(order["lines"]) > 1:
            key = {"order_nbr": row.key, "line_nbr": line["lineNbr"]}
            delete = form("delete_line", back, button("Delete line", "quiet"), key)
        shown.append(
            f"<b>{quantity(line['orderQty'])} {text(line['uom'])}</b> {text(line['lineDescription'])}"
            f" <code>{text(name)}</code> <small>{facts}, warehouse {text(line['warehouse']['id'])}</small>{delete}"
        )
    return items("lines", shown) or '<p class="none">No lines</p>'


def _receipts(order: Record) -> str:
    return items(
        "links",
        [
            f'<a href="/_operator?view=receipts&amp;q={text(each["receiptNumber"])}">Receipt {text(each["receiptNumber"])}</a>'
            f"{badge(each['status'])} <small>{quantity(each['totalQty'])} in all</small>"
            for each in order["purchaseReceipts"]
        ],
    )


def _may(row: Row, back: str) -> str:
    order, key = row.body, {"order_nbr": row.key}
    parts: list[str] = []
    if order["status"] == "Open" and order["orderType"] in {"RegularOrder", "DropShip"}:
        parts += [form("receive", back, button("Receive all", "main"), key), _partly(row, back)]
    if order["status"] in {"Open", "Hold"}:
        held = order["status"] == "Hold"
        parts += [form("unhold" if held else "hold", back, button("Remove hold" if held else "Hold"), key)]
        parts += [_edit(row, back)]
        if not order["purchaseReceipts"]:
            parts += [form("cancel_order", back, button("Cancel order", "quiet"), key)]
    return f'<div class="actions">{"".join(parts)}</div>' if parts else ""


def _quantities(row: Row, *, left: bool) -> str:
    fields = []
    for line in row.body["lines"]:
        if left and (line["completed"] or line["canceled"] or line["lineType"] in shape.NEVER_RECEIVED):
            continue
        open_ = max(line["orderQty"] - line["qtyOnReceipts"], ZERO)
        value = "0" if left else quantity(line["orderQty"])
        hint = f" <small>of {quantity(open_)}</small>" if left else ""
        fields.append(
            f"<label>{text(line['lineDescription'])}{hint}"
            f'<input type="number" step="any" min="0" name="quantity-{line["lineNbr"]}" value="{value}"></label>'
        )
    return "".join(fields)


def _partly(row: Row, back: str) -> str:
    later = '<label>Release <select name="release"><option value="yes">at once</option><option value="no">later</option></select></label>'
    inner = f"{_quantities(row, left=True)}{later}{button('Receive these', 'main')}"
    return fold("Receive partly", form("receive_partly", back, inner, {"order_nbr": row.key}))


def _edit(row: Row, back: str) -> str:
    text_field = f'<label>Description <input name="description" value="{text(row.body.get("description"))}"></label>'
    inner = f"{text_field}{_quantities(row, left=False)}{button('Save', 'main')}"
    return fold("Edit", form("edit", back, inner, {"order_nbr": row.key}))


def new_order(store: Store, back: str) -> str:
    suppliers = "".join(
        f'<option value="{text(each.key)}">{text(each.body["name"])}</option>' for each in store.suppliers
    )
    goods = "".join(
        f'<option value="{text(each.key)}">{text(each.body["description"])}</option>' for each in store.items
    )
    lines = "".join(
        f'<label>Item {place} <select name="item-{place}"><option value="">none</option>{goods}</select></label>'
        f'<label>Quantity {place} <input type="number" step="any" min="0" name="amount-{place}" value="10"></label>'
        for place in (1, 2, 3)
    )
    inner = (
        f'<label>Supplier <select name="supplier">{suppliers}</select></label>'
        f'<label>Description <input name="description"></label>{lines}{button("Create order", "main")}'
    )
    return fold("New purchase order", form("create", back, inner))


def receipt_card(store: Store, row: Row, back: str) -> str:
    receipt = row.body
    mark = receipt.get("customStr1") or ""
    about = [receipt["date"][:10], f"ref. {receipt['supplierRef']}" if receipt["supplierRef"] else "", mark]
    who = f"{text(receipt['supplier']['name'])}<br><span>{text(' · '.join(each for each in about if each))}</span>"
    shown = [
        f"<b>{quantity(line['receiptQty'])} {text(line['uom'])}</b> {text(line['transactionDescription'])}"
        f" <small>order {text(line.get('poOrderNbr') or 'none')}"
        f"{', line ' + text(line.get('poOrderLineNbr')) if line.get('poOrderNbr') else ''}</small>"
        for line in receipt["lines"]
    ]
    key, parts = {"receipt_nbr": row.key}, []
    if receipt["status"] in {"Balanced", "Hold"}:
        parts += [form("release", back, button("Release", "main"), key)]
    if receipt["status"] != "Cancelled":
        parts += [form("cancel_receipt", back, button("Cancel receipt", "quiet"), key)]
    lines = items("lines", shown) or '<p class="none">No lines</p>'
    return card(row.key, row.key, receipt["status"], who, lines, f'<div class="actions">{"".join(parts)}</div>')


def sale_card(store: Store, row: Row, back: str) -> str:
    sale = row.body
    about = [sale["date"][:10], sale["customer"]["order"], sale["customer"]["refNo"]]
    who = f"{text(sale['customer']['name'])}<br><span>{text(' · '.join(each for each in about if each))}</span>"
    shown = [
        f"<b>{quantity(line['quantity'])} {text(line['unitOfMeasure'])}</b> {text(line['description'])}"
        f" <code>{text(line['inventory']['id'])}</code> <small>{quantity(line['billedQuantity'])} invoiced</small>"
        for line in sale["orderLines"]
    ]
    invoice = form("invoice", back, button("Invoice", "main"), {"sale_nbr": row.key})
    actions = f'<div class="actions">{invoice}</div>' if sale["status"]["description"] == "Open" else ""
    return card(
        row.key, f"{sale['type']} {row.key}", sale["status"]["description"], who, items("lines", shown), actions
    )


def invoice_card(store: Store, row: Row, back: str) -> str:
    invoice = row.body
    about = [invoice["documentDate"][:10], invoice["customerRefNumber"], f"{invoice['amount']} {invoice['currencyId']}"]
    who = f"{text(invoice['customer']['name'])}<br><span>{text(' · '.join(each for each in about if each))}</span>"
    shown = [
        f"<b>{quantity(line['quantity'])} {text(line['uom'])}</b> {text(line['description'])}"
        f" <small>order {text(line['soOrderType'])} {text(line['soOrderNbr'])}</small>"
        for line in invoice["invoiceLines"]
    ]
    release = form("release_invoice", back, button("Release", "main"), {"invoice_nbr": row.key})
    note = f'<p class="who">{text(invoice["note"])}</p>' if invoice["note"] else ""
    actions = f'<div class="actions">{release}</div>' if invoice["status"] == "Balanced" else ""
    return card(row.key, row.key, invoice["status"], who, items("lines", shown), note, actions)

"""Sales orders, shipments and sales invoices, field by field, as in the contract Default/25.200.001."""

from __future__ import annotations

from sandbox.acumatica.contract.parties import ADDRESS, DOC_CONTACT
from sandbox.acumatica.schema import Schema

SHOP_FOR_RATES = Schema(
    "ShopForRates",
    flags="IsManualPackage",
    quantities="OrderWeight PackageWeight",
)
SHIPPING_SETTINGS = Schema(
    "ShippingSettings",
    texts=("FOBPoint PreferredWarehouseID ShippingRule ShippingTerms ShippingZone ShipVia FreightTaxCategory"),
    flags=(
        "Canceled GroundCollect Insurance ResidentialDelivery SaturdayDelivery ShipSeparately "
        "UseCustomersAccount FreightCostIsuptodate OverrideFreightPrice"
    ),
    whole="Priority",
    amounts="FreightPrice FreightCost PremiumFreight",
    quantities="OrderVolume OrderWeight PackageWeight",
    days="CancelByDate ScheduledShipmentDate",
    linked={"ShopForRates": SHOP_FOR_RATES},
)
FINANCIAL_SETTINGS = Schema(
    "FinancialSettings",
    texts=(
        "Branch CustomerTaxZone EntityUsageType InvoiceNbr OriginalOrderNbr OriginalOrderType Owner PostPeriod Terms"
    ),
    flags="BillSeparately OverrideTaxZone",
    days="CashDiscountDate DueDate InvoiceDate",
)
TOTALS = Schema(
    "Totals",
    texts="FreightTaxCategory",
    flags="FreightCostIsuptodate OverrideFreightAmount",
    amounts=(
        "DiscountTotal LineTotalAmount MiscTotalAmount TaxTotal UnbilledAmount UnpaidBalance "
        "Freight FreightCost PremiumFreight"
    ),
    quantities="UnbilledQty OrderVolume OrderWeight PackageWeight",
)
SALES_ORDER_DETAIL = Schema(
    "SalesOrderDetail",
    keys="LineNbr",
    texts=(
        "Account AlternateID Branch CostCode CustomerOrderNbr DiscountCode InventoryID InvoiceNbr "
        "InvoiceType LastModifiedDate LineDescription LineType Location Operation POSource "
        "ProjectTask PurchaseWarehouse VendorID ReasonCode SalespersonID ShippingRule "
        "ShipToLocation Subitem TaxCategory TaxZone UOM WarehouseID GiftMessage LotSerialNbr "
        "ExternalRef"
    ),
    flags=(
        "AutoCreateIssue CalculateDiscountsOnImport Commissionable Completed FreeItem "
        "ManualDiscount MarkForPO ManualPrice"
    ),
    whole="InvoiceLineNbr LineNbr AssociatedOrderLineNbr",
    amounts="Amount DiscountAmount ExtendedPrice UnbilledAmount",
    quantities=(
        "AverageCost DiscountedUnitPrice DiscountPercent OpenQty OrderQty OvershipThreshold "
        "QtyOnShipments UndershipThreshold UnitCost UnitPrice"
    ),
    days="RequestedOn SchedOrderDate ShipOn",
    guids="NoteID",
    bare_details="Allocations PurchasingDetails",
)
SALES_ORDER_SHIPMENT = Schema(
    "SalesOrderShipment",
    texts="InventoryDocType InventoryRefNbr InvoiceNbr InvoiceType ShipmentNbr ShipmentType Status",
    quantities="ShippedQty ShippedVolume ShippedWeight",
    instants="LastModifiedDateTime",
    days="ShipmentDate",
    guids="InventoryNoteID OrderNoteID ShippingNoteID",
)
SALES_ORDER = Schema(
    "SalesOrder",
    keys="OrderType OrderNbr",
    texts=(
        "BaseCurrencyID Branch CashAccount ContactID CurrencyID CurrencyRateTypeID CustomerID "
        "CustomerOrder Description DestinationWarehouseID ExternalRef LocationID OrderNbr "
        "OrderType PaymentMethod PreferredWarehouseID Project ShipVia Status ExternalRefundRef "
        "PaymentRef ExternalOrderOrigin ExternalOrderSource TaxCalcMode"
    ),
    flags=(
        "Approved BillToAddressOverride BillToAddressValidated BillToContactOverride CreditHold "
        "DisableAutomaticDiscountUpdate DisableAutomaticTaxCalculation Hold IsTaxValid "
        "ShipToAddressOverride ShipToAddressValidated ShipToContactOverride ExternalOrderOriginal "
        "WillCall UsrExternalOrderOriginal"
    ),
    amounts="ControlTotal MaxRiskScore OrderTotal TaxTotal VATExemptTotal VATTaxableTotal",
    quantities="CurrencyRate OrderedQty ReciprocalRate",
    instants="LastModified CreatedDate",
    days="Date EffectiveDate RequestedOn",
    guids="NoteID",
    linked={
        "BillToAddress": ADDRESS,
        "BillToContact": DOC_CONTACT,
        "FinancialSettings": FINANCIAL_SETTINGS,
        "ShippingSettings": SHIPPING_SETTINGS,
        "ShipToAddress": ADDRESS,
        "ShipToContact": DOC_CONTACT,
        "Totals": TOTALS,
    },
    bare_linked="Commissions",
    details={"Details": SALES_ORDER_DETAIL, "Shipments": SALES_ORDER_SHIPMENT},
    bare_details="DiscountDetails OrderRisks Payments Relations TaxDetails",
)
SHIP_TO_SETTINGS = Schema(
    "ShipToSettings",
    flags="ShipToAddressOverride ShipToContactOverride Validated",
    linked={"ShipToAddress": ADDRESS, "ShipToContact": DOC_CONTACT},
)
SHIPMENT_DETAIL = Schema(
    "ShipmentDetail",
    keys="LineNbr",
    texts=("Description InventoryID LocationID LotSerialNbr OrderNbr OrderType ReasonCode Subitem UOM WarehouseID"),
    flags="FreeItem",
    whole="LineNbr OrderLineNbr",
    quantities="OpenQty OrderedQty OriginalQty ShippedQty",
    days="ExpirationDate",
    bare_details="Allocations",
)
SHIPMENT_PACKAGE_DETAIL = Schema(
    "ShipmentPackageDetail",
    texts="InventoryID LotSerialNbr OrigOrderNbr OrigOrderType Subitem UOM",
    whole="ShipmentSplitLineNbr",
    quantities="Quantity",
)
SHIPMENT_PACKAGE = Schema(
    "ShipmentPackage",
    keys="LineNbr",
    texts="BoxID CustomRefNbr1 CustomRefNbr2 Description TrackingNbr Type UOM",
    flags="Confirmed",
    whole="LineNbr",
    amounts="CODAmount DeclaredValue",
    quantities="Weight Length Width Height",
    guids="NoteID",
    details={"PackageContents": SHIPMENT_PACKAGE_DETAIL},
)
SHIPMENT_ORDER_DETAIL = Schema(
    "ShipmentOrderDetail",
    texts=("InventoryDocType InventoryRefNbr InvoiceNbr InvoiceType OrderNbr OrderType ShipmentNbr ShipmentType"),
    quantities="ShippedQty ShippedVolume ShippedWeight",
    guids="OrderNoteID",
)
SHIPMENT = Schema(
    "Shipment",
    keys="ShipmentNbr",
    texts=(
        "BaseCurrencyID CurrencyRateTypeID CustomerID Description FOBPoint FreightCurrencyID "
        "LocationID Operation Owner ShipmentNbr ShippingTerms ShippingZoneID ShipVia Status "
        "ToWarehouseID Type WarehouseID WorkgroupID"
    ),
    flags=(
        "CurrencyViewState CreateNewShipmentForEveryOrder OverrideFreightPrice GroundCollect Hold "
        "Insurance Picked ResidentialDelivery SaturdayDelivery UnlimitedPackages "
        "UseCustomersAccount"
    ),
    whole="PackageCount",
    amounts="FreightPrice FreightCost",
    quantities=("ControlQty CurrencyRate PackageWeight ReciprocalRate ShippedQty ShippedVolume ShippedWeight"),
    instants="CreatedDateTime LastModifiedDateTime",
    days="EffectiveDate ShipmentDate",
    guids="NoteID",
    linked={"ShippingSettings": SHIP_TO_SETTINGS},
    details={"Details": SHIPMENT_DETAIL, "Orders": SHIPMENT_ORDER_DETAIL, "Packages": SHIPMENT_PACKAGE},
)
SALES_INVOICE_DETAIL = Schema(
    "SalesInvoiceDetail",
    keys="LineNbr",
    texts=(
        "Account BranchID CostCode Description ExternalRef InventoryDocType InventoryID "
        "InventoryRefNbr Location LotSerialNbr OrderNbr OrderType OrigInvNbr OrigInvType "
        "ProjectTask ShipmentNbr SubAccount Subitem TaxCategory TransactionDescr UOM WarehouseID"
    ),
    flags="CalculateDiscountsOnImport ManualDiscount ManualPrice",
    whole="LineNbr OrderLineNbr OrigInvLineNbr",
    amounts="Amount DiscountAmount",
    quantities="DiscountPercent Qty UnitPrice",
    days="ExpirationDate",
    guids="NoteID",
)
SALES_INVOICE = Schema(
    "SalesInvoice",
    keys="Type ReferenceNbr",
    texts=("Currency CustomerID CustomerOrder Description Project ReferenceNbr Status Type ExternalRef TaxCalcMode"),
    flags=(
        "CreditHold IsTaxValid Hold BillToAddressOverride BillToContactOverride "
        "ShipToAddressOverride ShipToContactOverride"
    ),
    amounts=(
        "Amount Balance CashDiscount DetailTotal DiscountTotal FreightPrice PaymentTotal TaxTotal "
        "VATExemptTotal VATTaxableTotal"
    ),
    instants="LastModifiedDateTime CreatedDate LastModifiedDate",
    days="Date DueDate",
    bare_linked="BillingSettings Commissions FinancialDetails BillToAddress BillToContact ShipToAddress ShipToContact",
    details={"Details": SALES_INVOICE_DETAIL},
    bare_details="ApplicationsCreditMemo ApplicationsInvoice DiscountDetails FreightDetails TaxDetails",
)

"""The entities that the simulator serves, field by field, as in the contract Default/25.200.001."""

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
CONTACT = Schema(
    "Contact",
    texts=(
        "Attention BusinessAccount CompanyName ContactClass ContactMethod ConvertedBy DisplayName "
        "Duplicate Email Fax FaxType FirstName Gender Image JobTitle LanguageOrLocale LastName "
        "MaritalStatus MiddleName Owner OwnerEmployeeName ParentAccount Phone1 Phone1Type Phone2 "
        "Phone2Type Phone3 Phone3Type Reason Source SourceCampaign SpouseOrPartnerName Status "
        "Title Type WebSite Workgroup WorkgroupDescription FullName ExtRefNbr"
    ),
    flags=(
        "Active OverrideAccountAddress AddressValidated DoNotCall DoNotEmail DoNotFax DoNotMail "
        "DuplicateFound NoMarketing NoMassMail Synchronize"
    ),
    whole="ContactID",
    instants="LastIncomingActivity LastModifiedDateTime LastOutgoingActivity",
    days="DateOfBirth QualificationDate",
    guids="NoteID",
    linked={"Address": ADDRESS},
    bare_linked="UserInfo",
    bare_details="Activities Attributes Campaigns Cases Duplicates MarketingLists Notifications Opportunities Relations RoleAssignments",
)
CUSTOMER = Schema(
    "Customer",
    keys="CustomerID",
    texts=(
        "AccountRef CurrencyID CurrencyRateType CustomerClass CustomerID CustomerCategory "
        "CustomerName Email FOBPoint LocationName ParentRecord PriceClassID ShippingBranch "
        "ShippingRule ShippingTerms ShippingZoneID ShipVia StatementCycleID StatementType Status "
        "TaxRegistrationID TaxZone Terms WarehouseID RestrictVisibilityTo EntityUsageType "
        "TaxExemptionNumber"
    ),
    flags=(
        "ApplyOverdueCharges AutoApplyPayments BillingAddressOverride BillingContactOverride "
        "EnableCurrencyOverride EnableRateOverride EnableWriteOffs MultiCurrencyStatements "
        "PrintDunningLetters PrintInvoices PrintStatements ResidentialDelivery SaturdayDelivery "
        "SendDunningLettersbyEmail SendInvoicesbyEmail SendStatementsbyEmail "
        "ShippingAddressOverride ShippingContactOverride IsGuestCustomer"
    ),
    whole="BAccountID LeadTimedays OrderPriority PrimaryContactID",
    amounts="WriteOffLimit CreditLimit",
    instants="CreatedDateTime LastModifiedDateTime",
    guids="NoteID",
    linked={"BillingContact": CONTACT, "MainContact": CONTACT, "PrimaryContact": CONTACT, "ShippingContact": CONTACT},
    bare_linked="CreditVerificationRules",
    bare_details="Attributes Contacts PaymentInstructions Salespersons",
)
CROSS_REFERENCE = Schema(
    "InventoryItemCrossReference",
    texts="AlternateID AlternateType Description Subitem VendorOrCustomer UOM",
)
WAREHOUSE_DETAIL = Schema(
    "StockItemWarehouseDetail",
    texts=(
        "DefaultIssueLocationID DefaultReceiptLocationID InventoryAccount InventorySubaccount "
        "PreferredVendor ProductManager ProductWorkgroup ReplenishmentSource "
        "ReplenishmentWarehouse Seasonality Status WarehouseID"
    ),
    flags=("IsDefault Override OverridePreferredVendor OverrideReplenishmentSettings OverrideStdCost PriceOverride"),
    quantities="DailyDemandForecast DailyDemandForecastErrorSTDEV QtyOnHand ServiceLevel",
    days="LastForecastDate",
)
UOM_CONVERSION = Schema(
    "InventoryItemUOMConversion",
    texts="FromUOM MultiplyOrDivide ToUOM",
    quantities="ConversionFactor",
)
STOCK_ITEM = Schema(
    "StockItem",
    keys="InventoryID",
    texts=(
        "ABCCode AutoIncrementalValue BaseUOM COGSAccount COGSSubaccount Content CountryOfOrigin "
        "DefaultIssueLocationID DefaultReceiptLocationID DefaultSubitem DefaultWarehouseID "
        "DeferralAccount DeferralSubaccount Description DiscountAccount DiscountSubaccount "
        "ImageUrl InventoryAccount InventoryID InventorySubaccount ItemClass ItemStatus ItemType "
        "LandedCostVarianceAccount LandedCostVarianceSubaccount LotSerialClass PackagingOption "
        "POAccrualAccount POAccrualSubaccount PostingClass PriceClass PriceManager PriceWorkgroup "
        "ProductManager ProductWorkgroup PurchasePriceVarianceAccount "
        "PurchasePriceVarianceSubaccount PurchaseUOM ReasonCodeSubaccount SalesAccount "
        "SalesSubaccount SalesUOM StandardCostRevaluationAccount "
        "StandardCostRevaluationSubaccount StandardCostVarianceAccount "
        "StandardCostVarianceSubaccount TaxCategory TariffCode ValuationMethod VolumeUOM "
        "WeightUOM Availability CustomURL MetaDescription MetaKeywords PageTitle SearchKeywords "
        "TemplateItemID Visibility NotAvailable"
    ),
    flags="IsAKit PackSeparately SubjectToCommission UseOnEntry ExportToExternal",
    quantities=(
        "AverageCost CurrentStdCost DefaultPrice DimensionVolume DimensionWeight LastCost "
        "LastStdCost Markup MaxCost MinCost MinMarkup MSRP PendingStdCost CurySpecificMSRP "
        "CurySpecificPrice"
    ),
    instants="LastModified LastModifiedDateTime",
    guids="NoteID",
    details={
        "CrossReferences": CROSS_REFERENCE,
        "UOMConversions": UOM_CONVERSION,
        "WarehouseDetails": WAREHOUSE_DETAIL,
    },
    bare_details="Attributes Boxes Categories ReplenishmentParameters VendorDetails FileURLs",
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
SHIPPING_BOX = Schema(
    "ShippingBox",
    keys="BoxID",
    texts="BoxID CarriersPackage Description VolumeUOM WeightUOM LinearUOM",
    flags="ActiveByDefault",
    quantities="BoxWeight Height Length MaxVolume MaxWeight Width",
)
SHIP_VIA = Schema(
    "ShipVia",
    keys="CarrierID",
    texts=(
        "CalculationMethod Calendar CarrierID Description FreightExpenseAccount "
        "FreightExpenseSubaccount FreightSalesAccount FreightSalesSubaccount TaxCategory"
    ),
    flags="CommonCarrier",
    details={"Packages": SHIPPING_BOX},
    bare_details="FreightRates",
)
CARRIER = Schema(
    "Carrier",
    keys="CarrierID",
    texts="CarrierID CarrierUnits Description PlugInType Centimeter Inch Kilogram Pound WarehouseID",
    instants="CreatedDateTime LastModifiedDateTime",
    bare_details="CustomerAccounts PlugInParameters",
)
WAREHOUSE_LOCATION = Schema(
    "WarehouseLocation",
    texts="Description LocationID",
    flags="Active AssemblyAllowed ReceiptsAllowed SalesAllowed TransfersAllowed",
    whole="PickPriority",
)
WAREHOUSE = Schema(
    "Warehouse",
    keys="WarehouseID",
    texts=(
        "COGSExpenseAccount COGSExpenseSubaccount Description DiscountAccount DiscountSubaccount "
        "DropShipLocationID FreightChargeAccount FreightChargeSubaccount InventoryAccount "
        "InventorySubaccount LandedCostVarianceAccount LandedCostVarianceSubaccount "
        "MiscChargeAccount MiscChargeSubaccount NonStockPickingLocationID POAccrualAccount "
        "POAccrualSubaccount PurchasePriceVarianceAccount PurchasePriceVarianceSubaccount "
        "ReasonCodeSubaccount ReceivingLocationID RMALocationID SalesAccount SalesSubaccount "
        "ShippingLocationID StandardCostRevaluationAccount StandardCostRevaluationSubaccount "
        "StandardCostVarianceAccount StandardCostVarianceSubaccount WarehouseID"
    ),
    flags="Active OverrideInventoryAccountSubaccount UseItemDefaultLocationForPicking",
    instants="LastModifiedDateTime",
    details={"Locations": WAREHOUSE_LOCATION},
)

ENTITIES = {
    each.name: each
    for each in (SALES_ORDER, SHIPMENT, CUSTOMER, STOCK_ITEM, SALES_INVOICE, SHIP_VIA, CARRIER, SHIPPING_BOX, WAREHOUSE)
}
# The form behind each entity, its graph and main view, as file links name them, and the table's name in messages.
FORMS = {
    "SalesOrder": ("SO301000", "PX.Objects.SO.SOOrderEntry/Document", "SOOrder"),
    "Shipment": ("SO302000", "PX.Objects.SO.SOShipmentEntry/Document", "SOShipment"),
    "Customer": ("AR303000", "PX.Objects.AR.CustomerMaint/BAccount", "BAccount"),
    "StockItem": ("IN202500", "PX.Objects.IN.InventoryItemMaint/Item", "InventoryItem"),
    "SalesInvoice": ("SO303000", "PX.Objects.SO.SOInvoiceEntry/Document", "ARInvoice"),
    "ShipVia": ("CS207500", "PX.Objects.CS.CarrierMaint/Carrier", "Carrier"),
    "Carrier": ("CS207700", "PX.Objects.CS.CarrierPluginMaint/Plugin", "CarrierPlugin"),
    "ShippingBox": ("CS207600", "PX.Objects.CS.CSBoxMaint/Records", "CSBox"),
    "Warehouse": ("IN204000", "PX.Objects.IN.INSiteMaint/site", "INSite"),
}

"""Customers, items, warehouses, boxes, ship-via codes and carriers, field by field, as in the contract Default/25.200.001."""

from __future__ import annotations

from sandbox.acumatica.contract.parties import ADDRESS
from sandbox.acumatica.schema import Schema

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

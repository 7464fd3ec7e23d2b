"""The Salesforce objects and fields that the warehouse reads, under Salesforce's own names.

Standard fields first; names ending in ``__c`` are custom fields and objects. A field that an org has beyond
these lands too, as text; a declared field that an org lacks lands as NULL. Not every object has all three stamps:
each declares those that the Object Reference gives it.
"""

from __future__ import annotations

from ingestion.contract import TableContract, by_name, columns

_STAMPS = "CreatedDate:timestamp LastModifiedDate:timestamp SystemModstamp:timestamp!"
_STAGE_HISTORY_STAMPS = "CreatedDate:timestamp SystemModstamp:timestamp!"
_FIELD_HISTORY_STAMPS = "CreatedDate:timestamp!"
_SETUP_STAMPS = "LastModifiedDate:timestamp SystemModstamp:timestamp!"


def _object(
    name: str, fields: str, *, stamps: str = _STAMPS, soft_delete: bool = True, can_be_deleted: bool = True
) -> TableContract:
    """One object; the last of `stamps` is the one by which increments are read."""
    deleted = " IsDeleted:boolean" if soft_delete else ""
    return TableContract(
        name=name,
        key=("Id",),
        columns=columns(f"Id! {fields}{deleted} {stamps}"),
        cursor=columns(stamps)[-1].name,
        soft_delete="IsDeleted" if soft_delete else None,
        hard_deletes="log" if can_be_deleted else "never",
    )


TABLES = by_name(
    [
        _object(
            "Account",
            "Name! ParentId Website VAT_Number__c BillingCountryCode Industry Type Segment__c AccountSource"
            " OwnerId MasterRecordId",
        ),
        _object(
            "Contact",
            "AccountId FirstName LastName Email Phone Title Role__c HasOptedOutOfEmail:boolean MasterRecordId",
        ),
        _object(
            "Lead",
            "FirstName LastName Company Email LeadSource Primary_Campaign__c Status OwnerId Segment__c"
            " Product_Line__c First_Response_At__c:timestamp Qualified_At__c:timestamp IsConverted:boolean"
            " ConvertedDate:date Converted_At__c:timestamp ConvertedAccountId ConvertedOpportunityId"
            " Disqualify_Reason__c MasterRecordId",
        ),
        _object(
            "Opportunity",
            "Name AccountId OwnerId Pipeline__c Amount:decimal CurrencyIsoCode StageName! Probability:double"
            " ForecastCategoryName CloseDate:date LeadSource CampaignId NextStep Loss_Reason__c Competitor__c"
            " IsClosed:boolean IsWon:boolean Merged_Into__c",
        ),
        _object(
            "OpportunityLineItem",
            "OpportunityId! Product2Id ProductCode Quantity:decimal UnitPrice:decimal Discount:decimal"
            " TotalPrice:decimal",
        ),
        _object("Product2", "ProductCode Name Family IsActive:boolean"),
        _object(
            "OpportunityHistory",
            "OpportunityId! StageName Amount:decimal Probability:double ForecastCategory CloseDate:date CreatedById",
            stamps=_STAGE_HISTORY_STAMPS,
        ),
        _object(
            "OpportunityFieldHistory",
            "OpportunityId! Field! OldValue NewValue CreatedById",
            stamps=_FIELD_HISTORY_STAMPS,
        ),
        _object(
            "OpportunityStage",
            "MasterLabel! ApiName SortOrder:integer ForecastCategoryName DefaultProbability:double"
            " IsActive:boolean IsClosed:boolean IsWon:boolean",
            soft_delete=False,
        ),
        _object(
            "Task",
            "Type Subject WhoId WhatId AccountId OwnerId Status ActivityDate:date CompletedDateTime:timestamp"
            " CallDurationInSeconds:integer",
        ),
        _object(
            "Event",
            "Type Subject WhoId WhatId AccountId OwnerId StartDateTime:timestamp EndDateTime:timestamp"
            " DurationInMinutes:integer",
        ),
        _object(
            "Campaign",
            "Name Type StartDate:date EndDate:date BudgetedCost:decimal ActualCost:decimal Status IsActive:boolean",
        ),
        _object(
            "CampaignMember",
            "CampaignId! LeadId ContactId Status HasResponded:boolean FirstRespondedDate:date",
        ),
        _object(
            "Campaign_Cost__c",
            "Campaign__c! Invoice_Month__c:date Amount__c:decimal CurrencyIsoCode",
        ),
        _object(
            "Quote",
            "QuoteNumber Name OpportunityId AccountId OwnerId Status Version__c:integer Family__c IssuedDate__c:date"
            " Sent_At__c:timestamp ExpirationDate:date Accepted_At__c:timestamp IsSyncing:boolean Subtotal:decimal"
            " Discount:decimal TotalPrice:decimal GrandTotal:decimal CurrencyIsoCode",
        ),
        _object(
            "QuoteLineItem",
            "QuoteId! OpportunityLineItemId Product2Id LineNumber Quantity:decimal UnitPrice:decimal Discount:decimal"
            " TotalPrice:decimal",
        ),
        _object(
            "Order",
            "OrderNumber AccountId OpportunityId QuoteId ContractId OwnerId Status Type EffectiveDate:date EndDate:date"
            " ActivatedDate:timestamp TotalAmount:decimal CurrencyIsoCode",
        ),
        _object(
            "OrderItem",
            "OrderId! Product2Id QuoteLineItemId Quantity:decimal UnitPrice:decimal TotalPrice:decimal"
            " ServiceDate:date EndDate:date",
        ),
        _object(
            "Contract",
            "ContractNumber AccountId OwnerId Status CustomerSignedDate:date ActivatedDate:timestamp StartDate:date"
            " EndDate:date ContractTerm:integer Billing_Frequency__c Amount__c:decimal CurrencyIsoCode",
        ),
        _object(
            "Case",
            "CaseNumber AccountId ContactId OwnerId Subject Type Status Priority Origin Reason Order_Reference__c"
            " First_Response_At__c:timestamp IsClosed:boolean ClosedDate:timestamp",
        ),
        _object(
            "User",
            "Name! FirstName LastName Email IsActive:boolean ManagerId UserRoleId Title Team__c Hire_Date__c:date"
            " Termination_Date__c:date",
            soft_delete=False,
            can_be_deleted=False,
        ),
        _object("UserRole", "Name! ParentRoleId", stamps=_SETUP_STAMPS, soft_delete=False),
        _object(
            "Territory2",
            "Name! Region__c ParentTerritory2Id Valid_From__c:date Valid_To__c:date",
            stamps=_SETUP_STAMPS,
            soft_delete=False,
        ),
        _object(
            "UserTerritory2Association",
            "UserId! Territory2Id! RoleInTerritory2 Share__c:double IsActive:boolean Valid_From__c:date"
            " Valid_To__c:date",
            stamps=_SETUP_STAMPS,
            soft_delete=False,
        ),
        _object(
            "ObjectTerritory2Association",
            "ObjectId! Territory2Id! AssociationCause Valid_From__c:date Valid_To__c:date",
            stamps=_SETUP_STAMPS,
        ),
        _object(
            "Territory_Successor__c",
            "From_Territory__c! To_Territory__c! Share__c:double Effective_Date__c:date",
        ),
        _object(
            "ForecastingQuota",
            "QuotaOwnerId! StartDate:date! QuotaAmount:decimal CurrencyIsoCode IsAmount:boolean Period_Type__c"
            " Version__c:integer",
            soft_delete=False,
        ),
        _object(
            "DatedConversionRate",
            "IsoCode! ConversionRate:double! StartDate:date! NextStartDate:date",
            soft_delete=False,
        ),
    ]
)

-- grain: lead, duplicates included and flagged
-- additive: the count of rows without duplicate_of_lead_id is the number of people
with leads as (
    select * from {{ ref('int_leads_deduplicated') }}
),

opportunities as (
    select opportunity_id from {{ ref('int_opportunities_enriched') }}
),

sales_reps as (
    select distinct sales_rep_id from {{ ref('dim_sales_rep') }}
),

campaigns as (
    select campaign_id from {{ ref('dim_campaign') }}
),

final as (
    select
        leads.lead_id,
        leads.created_at,
        {{ slug('leads.source_name') }} as source_id,
        coalesce(campaigns.campaign_id, 'UNKNOWN') as campaign_id,
        coalesce(sales_reps.sales_rep_id, 'UNKNOWN') as sales_rep_id,
        coalesce(leads.segment, 'UNKNOWN') as segment,
        coalesce(leads.product_line, 'UNKNOWN') as product_line,
        leads.status,
        leads.first_response_at,
        leads.qualified_at,
        leads.converted_at,
        opportunities.opportunity_id,
        leads.disqualify_reason,
        leads.deleted_at is not null as is_deleted,
        leads.duplicate_of_lead_id
    from leads
    left join opportunities on leads.opportunity_id = opportunities.opportunity_id
    left join sales_reps on leads.owner_id = sales_reps.sales_rep_id
    left join campaigns on leads.campaign_id = campaigns.campaign_id
)

select * from final

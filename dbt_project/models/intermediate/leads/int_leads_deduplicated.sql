-- grain: lead, as last seen; says of which earlier lead it is a duplicate
-- A lead is a duplicate if the CRM merged it into another one, or if an earlier lead has the same e-mail address. The
-- original keeps its own source, and takes the conversion of its duplicates if it has none itself.
with leads as (
    {{ staged('leads') }}
),

latest as (
    select *
    from leads
    qualify row_number() over (partition by lead_id order by version_no desc) = 1
),

matched as (
    select
        *,
        coalesce(
            merged_into_id,
            case
                when email is not null and deleted_at is null
                    then nullif(
                        first_value(lead_id) over (
                            partition by email, merged_into_id is null and deleted_at is null
                            order by created_at, lead_id
                        ),
                        lead_id
                    )
            end
        ) as duplicate_of_lead_id
    from latest
),

conversions as (
    select
        duplicate_of_lead_id as lead_id,
        first({
            'converted_at': converted_at, 'opportunity_id': opportunity_id,
            'qualified_at': qualified_at
        } order by converted_at, lead_id) as conversion
    from matched
    where duplicate_of_lead_id is not null and converted_at is not null
    group by duplicate_of_lead_id
),

deduplicated as (
    select
        matched.* exclude (qualified_at, converted_at, opportunity_id),
        coalesce(matched.qualified_at, conversions.conversion.qualified_at) as qualified_at,
        coalesce(matched.converted_at, conversions.conversion.converted_at) as converted_at,
        case
            when matched.converted_at is null then conversions.conversion.opportunity_id
            else matched.opportunity_id
        end as opportunity_id
    from matched
    left join conversions on matched.lead_id = conversions.lead_id
)

select * from deduplicated

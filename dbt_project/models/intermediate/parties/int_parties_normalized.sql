-- grain: party of a source (CRM account or ERP customer), as last known
-- additive: nothing; the *_key columns are normal forms that compare across systems
with

account_versions as (select * from {{ ref('int_accounts_unioned') }}),

customer_versions as (select * from {{ ref('int_customers_unioned') }}),

free_mail as (select domain from {{ ref('free_mail_domains') }}),

legal_forms as (select * from {{ ref('legal_forms') }}),

party_versions as (
    select
        account_id as party_id,
        'crm' as side,
        account_name as party_name,
        merged_into_id,
        parent_account_id,
        domain,
        vat_no,
        country,
        created_at,
        version_at,
        deleted_at,
        version_no
    from account_versions
    union all
    select
        customer_source_id as party_id,
        'erp' as side,
        customer_name as party_name,
        null as merged_into_id,
        null as parent_account_id,
        domain,
        vat_no,
        country,
        created_at,
        version_at,
        deleted_at,
        version_no
    from customer_versions
),

latest as (
    select
        *,
        min(least(coalesce(created_at, version_at), version_at)) over (partition by party_id) as known_from
    from party_versions
    qualify row_number() over (
        partition by party_id order by version_at desc, version_no desc
    ) = 1
),

worded as (
    select *, {{ plain_words('party_name') }} as words
    from latest
),

-- the longest legal form at the end and at the start of the name
stripped as (
    select
        worded.party_id,
        max(length(suffixes.legal_form) + 1) as suffix_length,
        max(length(prefixes.legal_form) + 1) as prefix_length
    from worded
    left join legal_forms as suffixes
        on suffixes.position = 'suffix' and ends_with(worded.words, ' ' || suffixes.legal_form)
    left join legal_forms as prefixes
        on prefixes.position = 'prefix' and starts_with(worded.words, prefixes.legal_form || ' ')
    group by worded.party_id
),

normalized as (
    select
        worded.party_id,
        worded.side,
        worded.party_name,
        worded.merged_into_id,
        worded.parent_account_id,
        worded.merged_into_id is not null as is_merged_away,
        worded.deleted_at is not null as is_deleted,
        {{ normalised_vat('worded.vat_no', 'worded.country') }} as vat_key,
        case when free_mail.domain is null then {{ normalised_domain('worded.domain') }} end as domain_key,
        nullif(trim(substr(
            worded.words,
            1 + coalesce(stripped.prefix_length, 0),
            length(worded.words) - coalesce(stripped.prefix_length, 0) - coalesce(stripped.suffix_length, 0)
        )), '') as name_key,
        upper(worded.country) as country_key,
        worded.known_from
    from worded
    inner join stripped on worded.party_id = stripped.party_id
    left join free_mail on free_mail.domain = {{ normalised_domain('worded.domain') }}
),

patterned as (
    select
        * exclude (party_name),
        {{ abbreviation_pattern('party_name', 'name_key') }} as name_pattern
    from normalized
)

select * from patterned

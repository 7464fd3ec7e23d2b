-- grain: territory of a company × period × what the warehouse knew of it
-- additive: nothing
with

versions as (
    {{ row_versions(source('raw_hubspot', 'companies'), ['id'], hubspot_stamp()) }}
),

changes as (
    select
        id,
        {{ hubspot_territory() }} as territory,
        {{ business_date('version_at') }} as changed_on,
        recorded_at,
        version_no
    from versions
    where _deleted_at is null
    qualify
        {{ hubspot_territory() }} is distinct from
        lag({{ hubspot_territory() }}) over (partition by id order by version_no)
),

-- HubSpot's history of the property is not read: the first territory known also speaks for what came before
dated as (
    select
        *,
        if(row_number() over by_version = 1, date '1900-01-01', changed_on) as valid_from,
        lead(changed_on) over by_version as left_on,
        lead(recorded_at) over by_version as left_recorded_at
    from changes
    window by_version as (partition by id order by version_no)
),

-- until the company moved, its territory was known without an end
known as (
    select
        id,
        territory,
        valid_from,
        left_on as valid_to,
        coalesce(left_recorded_at, recorded_at) as recorded_from,
        cast(null as timestamp) as recorded_to
    from dated
    union all
    select
        id,
        territory,
        valid_from,
        cast(null as date) as valid_to,
        recorded_at as recorded_from,
        left_recorded_at as recorded_to
    from dated
    where left_recorded_at > recorded_at
),

renamed as (
    select
        'hubspot:' || id as account_id,
        'hubspot:' || territory as territory_id,
        valid_from,
        valid_to,
        recorded_from,
        recorded_to
    from known
    where territory is not null
)

select * from renamed

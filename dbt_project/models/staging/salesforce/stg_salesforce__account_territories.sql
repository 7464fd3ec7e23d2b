-- grain: assignment of an account to a territory × what the warehouse knew of it
-- additive: nothing
with

versions as (
    {{ row_versions(source('raw_salesforce', 'object_territory2_association'), ['id'], 'system_modstamp') }}
),

known as (
    select
        *,
        min(version_at) over (partition by id) as made_at,
        lead(recorded_at) over (partition by id order by version_no) as superseded_at
    from versions
),

renamed as (
    select
        'salesforce:' || object_id as account_id,
        'salesforce:' || territory2_id as territory_id,
        coalesce(valid_from_c, {{ business_date('made_at') }}) as valid_from,
        valid_to_c as valid_to,
        recorded_at as recorded_from,
        superseded_at as recorded_to
    from known
    where
        -- a deleted assignment was a mistake: it ends the knowledge of it, not its validity
        _deleted_at is null and not coalesce(is_deleted, false)
        -- versions that arrived together were never known apart
        and superseded_at is distinct from recorded_at
)

select * from renamed

-- grain: assignment of a rep to a territory × what the warehouse knew of it
-- additive: share_ratio over the territories of a rep on one day, as known at one time
with

versions as (
    {{ row_versions(source('raw_salesforce', 'user_territory2_association'), ['id'], 'system_modstamp') }}
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
        'salesforce:' || user_id as sales_rep_id,
        'salesforce:' || territory2_id as territory_id,
        coalesce(share_c, 1) as share_ratio,
        coalesce(valid_from_c, {{ business_date('made_at') }}) as valid_from,
        coalesce(valid_to_c, case when is_active = false then {{ business_date('version_at') }} end) as valid_to,
        recorded_at as recorded_from,
        superseded_at as recorded_to
    from known
    where
        _deleted_at is null
        -- versions that arrived together were never known apart
        and superseded_at is distinct from recorded_at
)

select * from renamed

-- grain: assignment of a rep to a territory × what the warehouse knew of it
-- additive: share_ratio over the territories of a rep on one day, as known at one time
with

versions as (
    {{ row_versions(source('raw_salesforce', 'user_territory2_association'), ['id'], 'system_modstamp') }}
),

known as (
    select
        *,
        coalesce(valid_to_c, case when is_active = false then {{ business_date('version_at') }} end) as stated_to,
        min(version_at) over (partition by id) as made_at,
        lead(recorded_at) over (partition by id order by version_no) as superseded_at
    from versions
    where user_id is not null
),

-- an assignment that an administrator takes away was in force until then
ended as (
    select
        *,
        case
            when _deleted_at is null then stated_to
            else least(
                lag(stated_to) over (partition by id order by version_no), {{ business_date('_deleted_at') }}
            )
        end as valid_to
    from known
),

renamed as (
    select
        'salesforce:' || user_id as sales_rep_id,
        'salesforce:' || territory2_id as territory_id,
        coalesce(share_c, 1) as share_ratio,
        coalesce(valid_from_c, {{ business_date('made_at') }}) as valid_from,
        valid_to,
        recorded_at as recorded_from,
        superseded_at as recorded_to
    from ended
    -- versions that arrived together were never known apart
    where superseded_at is distinct from recorded_at
)

select * from renamed

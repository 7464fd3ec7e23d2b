-- grain: territory × period of one name and region
-- additive: nothing
with

versions as (
    {{ row_versions(source('raw_salesforce', 'territory2'), ['id'], 'system_modstamp') }}
),

changes as (
    select
        *,
        {{ business_date('version_at') }} as changed_on,
        arg_max_null(valid_from_c, version_no) over (partition by id) as known_from,
        arg_max_null(valid_to_c, version_no) over (partition by id) as known_to,
        arg_max_null(_deleted_at, version_no) over (partition by id) as deleted_at,
        row_number() over (partition by id order by version_no) as change_no
    from versions
    where name is not null
    qualify row(name, region_c) is distinct from lag(row(name, region_c)) over (partition by id order by version_no)
),

started as (
    select
        *,
        if(change_no = 1, coalesce(known_from, changed_on), changed_on) as valid_from
    from changes
    -- two changes on one day: the later one holds
    qualify row_number() over (partition by id, valid_from order by change_no desc) = 1
),

-- a territory that was deleted held until then, and at least for a day
ended as (
    select
        *,
        case
            when deleted_at is null then known_to
            else least(known_to, greatest({{ business_date('deleted_at') }}, valid_from + 1))
        end as ends_on
    from started
),

renamed as (
    select
        'salesforce:' || id as territory_id,
        name as territory_name,
        nullif(trim(region_c), '') as region,
        valid_from,
        coalesce(lead(valid_from) over (partition by id order by valid_from), ends_on) as valid_to
    from ended
)

select * from renamed

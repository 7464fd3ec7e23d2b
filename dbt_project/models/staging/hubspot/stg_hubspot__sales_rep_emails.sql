-- grain: owner with a mail address
-- additive: nothing
with

people as (
    {{ current_rows(source('raw_hubspot', 'owners'), ['id'], 'updated_at') }}
),

renamed as (
    select
        'hubspot:' || id as sales_rep_id,
        trim(email) as email
    from people
    where trim(email) <> ''
)

select * from renamed

-- grain: user with a mail address
-- additive: nothing
with

people as (
    {{ current_rows(source('raw_salesforce', 'user'), ['id'], 'system_modstamp') }}
),

renamed as (
    select
        'salesforce:' || id as sales_rep_id,
        trim(email) as email
    from people
    where trim(email) <> ''
)

select * from renamed

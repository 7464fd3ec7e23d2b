-- grain: customer version
with

renamed as (
    {{ backfilled(
        'customers', 'customer_source_id', defaults={'is_intercompany': 'false', 'is_test': 'false'}, versions=true
    ) }}
)

select * from renamed

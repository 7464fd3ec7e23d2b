-- grain: date × pair × rate type; of several files that carry the same rate the newest counts
with

rates as (
    {{ current_rows(
        source('raw_fx', 'rate'),
        ['rate_date', 'from_currency', 'to_currency', 'rate_type'],
        'file_modified_at'
    ) }}
),

renamed as (
    select
        rate_date,
        upper(from_currency) as from_currency,
        upper(to_currency) as to_currency,
        lower(rate_type) as rate_type,
        rate
    from rates
)

select * from renamed

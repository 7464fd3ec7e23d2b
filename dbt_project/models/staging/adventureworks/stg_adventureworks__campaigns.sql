-- grain: promotion; the member that stands for no promotion is none
with

promotions as (
    {{ current_rows(source('raw_files', 'dim_promotion'), ['promotion_key'], '_extracted_at') }}
),

renamed as (
    select
        'adventureworks:' || promotion_alternate_key as campaign_id,
        english_promotion_name as campaign_name,
        english_promotion_category as channel,
        cast(cast(start_date as timestamp) as date) as start_date,
        cast(cast(end_date as timestamp) as date) as end_date,
        cast(null as decimal(18, 4)) as budget_amount
    from promotions
    where english_promotion_type <> 'No Discount'
)

select * from renamed

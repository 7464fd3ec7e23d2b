-- grain: name of a stage, and one for lost deals, which Odoo archives where they are
with stages as (
    {{ current_rows(source('raw_odoo_crm', 'crm_stage'), ['id'], 'write_date') }}
),

named as (
    select
        {{ odoo_text('name') }} as stage_name,
        min(sequence) as stage_order,
        bool_or(coalesce(is_won, false)) as is_won
    from stages
    group by stage_name
),

renamed as (
    select
        stage_name,
        cast(stage_order as integer) as stage_order,
        cast(null as varchar) as forecast_category,
        cast(null as double) as default_probability,
        is_won as is_closed,
        is_won
    from named
    union all
    select
        '{{ odoo_lost_stage() }}' as stage_name,
        cast(max(stage_order) + 1 as integer) as stage_order,
        cast(null as varchar) as forecast_category,
        0 as default_probability,
        true as is_closed,
        false as is_won
    from named
    having count(*) > 0
)

select * from renamed

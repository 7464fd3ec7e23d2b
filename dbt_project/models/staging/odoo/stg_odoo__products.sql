-- grain: version of a variant; a new one begins when the variant or its template changes
-- archived ones stay: what was sold was sold
{%- set sides = {
    'variants': ('product_product', 'product_tmpl_id, default_code, _deleted_at'),
    'templates': ('product_template', 'name, type, categ_id')
} %}
with
{% for side, (table, columns) in sides.items() %}
    {{ side }} as (
        select
            id,
            {{ columns }},
            version_at,
            -- what came before the first record is described by it
            if(version_no = 1, timestamp '1900-01-01', version_at) as known_from
        from ({{ row_versions(source('raw_odoo', table), ['id'], 'write_date') }})
        qualify row_number() over (partition by id, version_at order by version_no desc) = 1
    ),
{% endfor %}

categories as (
    {{ current_rows(source('raw_odoo', 'product_category'), ['id'], 'write_date', with_deleted=true) }}
),

moments as (
    select
        id,
        version_at
    from variants
    union
    select
        variants.id,
        templates.version_at
    from variants
    inner join templates on variants.product_tmpl_id = templates.id
),

described as (
    select
        moments.id,
        moments.version_at,
        variants.product_tmpl_id,
        nullif(trim(variants.default_code), '') as code,
        variants._deleted_at as deleted_at
    from moments
    asof inner join variants on moments.id = variants.id and moments.version_at >= variants.known_from
),

-- Odoo lets several products have one reference, an archived one and its replacement for example
shared_codes as (
    select code
    from described
    where code is not null
    group by code
    having count(distinct id) > 1
),

completed as (
    select
        described.*,
        shared_codes.code is not null as is_shared_code,
        {{ odoo_text('templates.name') }} as product_name,
        templates.type as product_type,
        categories.complete_name as category,
        parents.complete_name as product_line
    from described
    asof left join templates
        on described.product_tmpl_id = templates.id and described.version_at >= templates.known_from
    left join shared_codes on described.code = shared_codes.code
    left join categories on templates.categ_id = categories.id
    left join categories as parents on categories.parent_id = parents.id
),

renamed as (
    select
        'odoo:' || id as product_id,
        case
            when code is null then '[' || id || ']'
            when is_shared_code then code || ' [' || id || ']'
            else code
        end as sku,
        product_name,
        category,
        coalesce(product_line, category) as product_line,
        cast(null as date) as launch_date,
        cast(null as date) as discontinued_date,
        cast(null as varchar) as successor_product_id,
        coalesce(product_type = 'combo', false) as is_bundle,
        version_at,
        deleted_at
    from completed
)

select * from renamed

{#
The staging contract: the entities that a source mapping (a folder of models/staging) may provide, the columns each
must have, and which mappings provide it. `staged('<entity>')` is the only way by which intermediate models read
staging, so a company is described by its mappings alone and an entity that nobody provides is an empty relation.

Rules. Ids are '<mapping>:<source id>'. Versioned entities have one row per version that was ever extracted, with
`version_at` (when the source made it) and `deleted_at` (set on the version that records a deletion). Timestamps are
UTC; dates are business dates. Amounts are in the row's `currency`. Credit notes are negative.
#}

{% macro staging_entities() %}
    {% do return({
        'accounts': {
            'providers': ['salesforce', 'hubspot'],
            'columns': {
                'account_id': 'varchar', 'account_name': 'varchar', 'parent_account_id': 'varchar',
                'merged_into_id': 'varchar', 'domain': 'varchar', 'vat_no': 'varchar', 'country': 'varchar',
                'industry': 'varchar', 'customer_type': 'varchar', 'segment': 'varchar',
                'acquisition_source': 'varchar', 'owner_id': 'varchar', 'created_at': 'timestamp',
                'version_at': 'timestamp', 'deleted_at': 'timestamp', 'version_no': 'integer'}},
        'customers': {
            'providers': ['erp', 'backfill', 'adventureworks', 'odoo'],
            'columns': {
                'customer_source_id': 'varchar', 'customer_name': 'varchar', 'vat_no': 'varchar',
                'domain': 'varchar', 'country': 'varchar', 'currency': 'varchar', 'industry': 'varchar',
                'customer_type': 'varchar', 'segment': 'varchar', 'bill_to_id': 'varchar',
                'is_intercompany': 'boolean', 'is_test': 'boolean', 'created_at': 'timestamp',
                'version_at': 'timestamp', 'deleted_at': 'timestamp', 'ship_to_country': 'varchar',
                'version_no': 'integer'}},
        'products': {
            'providers': ['erp', 'backfill', 'adventureworks', 'odoo'],
            'columns': {
                'product_id': 'varchar', 'sku': 'varchar', 'product_name': 'varchar', 'category': 'varchar',
                'product_line': 'varchar', 'launch_date': 'date', 'discontinued_date': 'date',
                'successor_product_id': 'varchar', 'is_bundle': 'boolean', 'version_at': 'timestamp',
                'deleted_at': 'timestamp'}},
        'product_costs': {
            'providers': ['erp', 'adventureworks', 'odoo'],
            'columns': {
                'product_id': 'varchar', 'valid_from': 'date', 'unit_cost': 'decimal(18,4)',
                'currency': 'varchar'}},
        'sales_reps': {
            'providers': ['salesforce', 'hubspot', 'erp', 'adventureworks', 'odoo'],
            'columns': {
                'sales_rep_id': 'varchar', 'sales_rep_name': 'varchar', 'manager_sales_rep_id': 'varchar',
                'team': 'varchar', 'title': 'varchar', 'hire_date': 'date', 'termination_date': 'date',
                'is_active': 'boolean', 'version_at': 'timestamp', 'deleted_at': 'timestamp'}},
        'sales_rep_links': {
            'providers': ['erp'],
            'columns': {'source_sales_rep_id': 'varchar', 'sales_rep_id': 'varchar'}},
        'sales_rep_emails': {
            'providers': ['salesforce', 'hubspot'],
            'columns': {'sales_rep_id': 'varchar', 'email': 'varchar'}},
        'territories': {
            'providers': ['salesforce', 'hubspot', 'erp', 'adventureworks'],
            'columns': {
                'territory_id': 'varchar', 'territory_name': 'varchar', 'region': 'varchar',
                'valid_from': 'date', 'valid_to': 'date'}},
        'sales_rep_territories': {
            'providers': ['salesforce', 'adventureworks'],
            'columns': {
                'sales_rep_id': 'varchar', 'territory_id': 'varchar', 'share_ratio': 'decimal(9,6)',
                'valid_from': 'date', 'valid_to': 'date', 'recorded_from': 'timestamp',
                'recorded_to': 'timestamp'}},
        'account_territories': {
            'providers': ['salesforce', 'hubspot', 'erp'],
            'columns': {
                'account_id': 'varchar', 'territory_id': 'varchar', 'valid_from': 'date', 'valid_to': 'date',
                'recorded_from': 'timestamp', 'recorded_to': 'timestamp'}},
        'territory_successors': {
            'providers': ['salesforce'],
            'columns': {
                'from_territory_id': 'varchar', 'to_territory_id': 'varchar', 'share_ratio': 'decimal(9,6)',
                'effective_date': 'date'}},
        'quotas': {
            'providers': ['salesforce', 'adventureworks'],
            'columns': {
                'sales_rep_id': 'varchar', 'grain': 'varchar', 'period_start': 'date', 'version': 'integer',
                'amount': 'decimal(18,4)', 'currency': 'varchar'}},
        'quota_lines': {
            'providers': ['budget'],
            'columns': {
                'quota_version': 'varchar', 'sales_rep': 'varchar', 'fiscal_year': 'integer',
                'fiscal_period': 'integer', 'period_start': 'date', 'amount_document': 'decimal(18,4)',
                'currency': 'varchar', 'source_file': 'varchar', 'source_sheet': 'varchar',
                'source_cell': 'varchar', 'file_sha256': 'varchar', 'file_modified_at': 'timestamp',
                'approved_at': 'timestamp'}},
        'campaigns': {
            'providers': ['salesforce', 'adventureworks', 'odoo_crm'],
            'columns': {
                'campaign_id': 'varchar', 'campaign_name': 'varchar', 'channel': 'varchar', 'start_date': 'date',
                'end_date': 'date', 'budget_amount': 'decimal(18,4)'}},
        'leads': {
            'providers': ['salesforce', 'hubspot', 'odoo_crm'],
            'columns': {
                'lead_id': 'varchar', 'created_at': 'timestamp', 'source_name': 'varchar', 'company': 'varchar',
                'email': 'varchar', 'campaign_id': 'varchar', 'owner_id': 'varchar', 'segment': 'varchar',
                'product_line': 'varchar', 'status': 'varchar', 'first_response_at': 'timestamp',
                'qualified_at': 'timestamp', 'converted_at': 'timestamp', 'converted_account_id': 'varchar',
                'opportunity_id': 'varchar', 'disqualify_reason': 'varchar', 'merged_into_id': 'varchar',
                'version_at': 'timestamp', 'version_no': 'integer', 'deleted_at': 'timestamp'}},
        'opportunities': {
            'providers': ['salesforce', 'hubspot', 'odoo_crm'],
            'columns': {
                'opportunity_id': 'varchar', 'opportunity_name': 'varchar', 'pipeline_id': 'varchar',
                'account_id': 'varchar', 'owner_id': 'varchar', 'amount_document': 'decimal(18,4)',
                'currency': 'varchar', 'stage_name': 'varchar', 'probability': 'double',
                'forecast_category': 'varchar', 'close_date': 'date', 'source_name': 'varchar',
                'campaign_id': 'varchar', 'next_step': 'varchar', 'loss_reason': 'varchar',
                'competitor': 'varchar', 'is_closed': 'boolean', 'is_won': 'boolean', 'merged_into_id': 'varchar',
                'created_at': 'timestamp', 'is_close_date_history_known': 'boolean', 'version_at': 'timestamp',
                'version_no': 'integer', 'deleted_at': 'timestamp'}},
        'opportunity_lines': {
            'providers': ['salesforce', 'hubspot'],
            'columns': {
                'opportunity_line_id': 'varchar', 'opportunity_id': 'varchar', 'sku': 'varchar',
                'quantity': 'decimal(18,4)', 'amount_document': 'decimal(18,4)', 'version_at': 'timestamp',
                'version_no': 'integer', 'deleted_at': 'timestamp'}},
        'opportunity_stage_changes': {
            'providers': ['salesforce', 'hubspot', 'odoo_crm'],
            'columns': {
                'change_id': 'varchar', 'opportunity_id': 'varchar', 'stage_name': 'varchar',
                'amount_document': 'decimal(18,4)', 'probability': 'double', 'close_date': 'date',
                'changed_at': 'timestamp'}},
        'opportunity_field_changes': {
            'providers': ['salesforce', 'hubspot'],
            'columns': {
                'change_id': 'varchar', 'opportunity_id': 'varchar', 'field_name': 'varchar',
                'old_value': 'varchar', 'new_value': 'varchar', 'changed_at': 'timestamp'}},
        'stages': {
            'providers': ['salesforce', 'hubspot', 'odoo_crm'],
            'columns': {
                'stage_name': 'varchar', 'stage_order': 'integer', 'forecast_category': 'varchar',
                'default_probability': 'double', 'is_closed': 'boolean', 'is_won': 'boolean'}},
        'activities': {
            'providers': ['salesforce', 'hubspot', 'odoo_crm'],
            'columns': {
                'activity_id': 'varchar', 'activity_at': 'timestamp', 'activity_type': 'varchar',
                'owner_id': 'varchar', 'account_id': 'varchar', 'opportunity_id': 'varchar',
                'duration_minutes': 'integer'}},
        'sales_lines': {
            'providers': ['erp', 'backfill', 'adventureworks', 'odoo'],
            'columns': {
                'sales_line_id': 'varchar', 'document_type': 'varchar', 'invoice_id': 'varchar',
                'original_invoice_id': 'varchar', 'order_id': 'varchar', 'order_line_id': 'varchar',
                'customer_source_id': 'varchar', 'product_id': 'varchar', 'source_sales_rep_id': 'varchar',
                'territory_id': 'varchar', 'invoice_date': 'date', 'posted_at': 'timestamp',
                'currency': 'varchar', 'quantity': 'decimal(18,4)', 'net_amount_document': 'decimal(18,4)',
                'cost_amount_document': 'decimal(18,4)', 'is_return': 'boolean', 'is_cancelled': 'boolean',
                'credit_reason': 'varchar', 'channel': 'varchar', 'deleted_at': 'timestamp'}},
        'fx_rates': {
            'providers': ['fx', 'adventureworks', 'odoo'],
            'columns': {
                'rate_date': 'date', 'from_currency': 'varchar', 'to_currency': 'varchar',
                'rate_type': 'varchar', 'rate': 'double'}},
        'budget_lines': {
            'providers': ['budget'],
            'columns': {
                'budget_version': 'varchar', 'fiscal_year': 'integer', 'fiscal_period': 'integer',
                'period_start': 'date', 'territory_name': 'varchar', 'product_category': 'varchar',
                'sales_rep': 'varchar', 'measure': 'varchar', 'amount_document': 'decimal(18,4)',
                'currency': 'varchar', 'source_file': 'varchar', 'source_sheet': 'varchar',
                'source_cell': 'varchar', 'file_sha256': 'varchar', 'file_modified_at': 'timestamp',
                'approved_at': 'timestamp'}},
        'market_indicators': {
            'providers': ['budget'],
            'columns': {
                'indicator_name': 'varchar', 'region': 'varchar', 'period_date': 'date', 'value': 'double',
                'released_at': 'timestamp', 'publisher': 'varchar', 'indicator_version': 'varchar',
                'source_file': 'varchar', 'source_sheet': 'varchar', 'source_cell': 'varchar',
                'file_sha256': 'varchar', 'file_modified_at': 'timestamp'}},
        'holidays': {
            'providers': ['calendar'],
            'columns': {'holiday_date': 'date', 'holiday_name': 'varchar'}}
    }) %}
{% endmacro %}

{# All rows of one entity from every enabled mapping that provides it, columns in contract order and type. #}
{% macro staged(entity) %}
    {%- set contract = staging_entities()[entity] -%}
    {%- set enabled = [] -%}
    {%- for provider in contract['providers'] if provider in var('mappings') -%}
        {%- do enabled.append(provider) -%}
    {%- endfor -%}
    {%- for provider in enabled %}
    select {% for name, type in contract['columns'].items() -%}
        cast({{ name }} as {{ type }}) as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor %}
    from {{ ref('stg_' ~ provider ~ '__' ~ entity) }}
    {% if not loop.last %}union all{% endif %}
    {%- else %}
    select {% for name, type in contract['columns'].items() -%}
        cast(null as {{ type }}) as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor %}
    where false
    {%- endfor %}
{% endmacro %}

{#
Whether an id is of a mapping that gives sales lines. Where such a system and a CRM both say something, the CRM leads.
#}
{% macro is_of_billing_system(id) -%}
    split_part({{ id }}, ':', 1) in ('{{ staging_entities()['sales_lines']['providers'] | join("', '") }}')
{%- endmacro %}

{#
What is Odoo's own among the raw tables: translated texts, and the stage that it has no name for. The staging models of
the mappings `odoo` and `odoo_crm` are the only callers.
#}

{#
The text of a column that Odoo translates: JSON by language, of which English is the one that Odoo always keeps; any
other where it is missing. A text that is none of this stays as it is, so a SELECT may choose another language.
#}
{% macro odoo_text(column) -%}
    nullif(trim(
        case
            when json_valid({{ column }}) and starts_with(ltrim({{ column }}), '{')
                then coalesce(json_extract_string({{ column }}, '$.en_US'), json_extract_string({{ column }}, '$.*')[1])
            else {{ column }}
        end
    ), '')
{%- endmacro %}

{# The stage of lost deals, which Odoo leaves in the stage where they were and archives. #}
{% macro odoo_lost_stage() -%}
    Closed Lost
{%- endmacro %}

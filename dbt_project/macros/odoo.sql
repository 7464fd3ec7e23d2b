{#
What is Odoo's own among the raw tables: translated texts. The staging models of the mapping `odoo` are the only
callers.
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

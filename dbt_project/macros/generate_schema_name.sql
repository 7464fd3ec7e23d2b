{# Schemas are named exactly as configured: environments are separate files, not schema suffixes. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name if custom_schema_name is not none else target.schema }}
{%- endmacro %}

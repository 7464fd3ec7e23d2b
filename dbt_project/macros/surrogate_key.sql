{# The hash that identifies a version of a member: surrogate_key(['customer_id', 'valid_from']) → VARCHAR. #}
{% macro surrogate_key(expressions) -%}
    md5(concat_ws('|'{% for expression in expressions %}, coalesce(cast({{ expression }} as varchar), ''){% endfor %}))
{%- endmacro %}

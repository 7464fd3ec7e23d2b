{# The UTC timestamp at which a business date begins in the company's time zone (var `timezone`), also on DST nights. #}
{% macro business_midnight(date_expression) -%}
    timezone('UTC', timezone('{{ var("timezone") }}', cast({{ date_expression }} as timestamp)))
{%- endmacro %}

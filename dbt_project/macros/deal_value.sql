{#
A deal's amount in the reporting currency at a given rate. An amount beyond var deal_amount_limit is a slip of the
keyboard: it is NULL here, so it inflates no sum, stays in amount_document, and is listed by warn_deal_values_odd.
#}
{% macro deal_value(amount_document, rate) -%}
    case
        when abs({{ amount_document }} * {{ rate }}) <= {{ var('deal_amount_limit') }}
            then cast({{ amount_document }} * {{ rate }} as decimal(18, 4))
    end
{%- endmacro %}

{#
A Salesforce id in its 18 characters. The API gives 18; formula fields, reports, field history and whoever copies ids by
hand give 15, of which letter case is a part. The three characters more say which of each five are upper case, so that
both forms of one id meet. What has neither form stays as it is.
#}
{% macro salesforce_id(id) -%}
    case
        when regexp_full_match(trim({{ id }}), '[A-Za-z0-9]{15}')
            then trim({{ id }})
            {%- for group in range(3) %}
            || substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', 1
                {%- for place in range(5) %}
                + {{ 2 ** place }} * cast(
                    substr(trim({{ id }}), {{ 5 * group + place + 1 }}, 1) between 'A' and 'Z' as integer
                )
                {%- endfor %}, 1)
            {%- endfor %}
        else nullif(trim({{ id }}), '')
    end
{%- endmacro %}

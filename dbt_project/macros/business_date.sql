{# The business date, in the company's time zone, of a UTC timestamp; a day starts at local midnight, also on DST nights. #}
{% macro business_date(timestamp_utc) -%}
    cast(({{ timestamp_utc }}) at time zone 'UTC' at time zone '{{ var("timezone") }}' as date)
{%- endmacro %}

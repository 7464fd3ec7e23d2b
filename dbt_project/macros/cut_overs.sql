{# The cut-over rules of the settings as rows: older mapping, its successor, and the first day of the successor. #}
{% macro cut_overs() %}
    {% for older, rule in var('cut_over').items() %}
    select
        '{{ older }}' as older,
        '{{ rule.successor }}' as successor,
        date '{{ rule.date }}' as cut_over_date
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as varchar) as older,
        cast(null as varchar) as successor,
        cast(null as date) as cut_over_date
    where false
    {%- endfor %}
{% endmacro %}

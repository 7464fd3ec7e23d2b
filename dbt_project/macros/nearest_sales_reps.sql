{#
The reps whose names are spelt most like labels in planning workbooks: one row per label that is near to any.

labels: a relation in scope with the column sales_rep_label (lower case); sales_reps: one with the columns
sales_rep_id and sales_rep_name.
#}
{% macro nearest_sales_reps(labels, sales_reps) %}
    select
        meant.sales_rep_label,
        string_agg(distinct known.sales_rep_name || ' (' || known.sales_rep_id || ')', ' or ') as perhaps_meant
    from {{ labels }} as meant
    inner join {{ sales_reps }} as known
        on jaro_winkler_similarity(meant.sales_rep_label, lower(trim(known.sales_rep_name))) >= 0.85
    group by meant.sales_rep_label
{% endmacro %}

-- A system and a workbook give a rep different quotas for the same period. The one with is_current is in force: an
-- approved workbook before the system, the system before a workbook without a date of approval.
{{ config(severity='warn') }}
with

latest as (
    select *
    from {{ ref('fct_quota') }}
    qualify row_number() over (
        partition by sales_rep_id, grain, period_key, workbook_version is null
        order by is_current desc, version desc
    ) = 1
)

select
    system_quotas.sales_rep_id,
    system_quotas.period_key,
    system_quotas.amount as system_amount,
    workbook_quotas.amount as workbook_amount,
    workbook_quotas.workbook_version,
    workbook_quotas.is_current as workbook_is_in_force
from latest as system_quotas
inner join latest as workbook_quotas
    on
        system_quotas.sales_rep_id = workbook_quotas.sales_rep_id
        and system_quotas.grain = workbook_quotas.grain
        and system_quotas.period_key = workbook_quotas.period_key
        and system_quotas.workbook_version is null
        and workbook_quotas.workbook_version is not null
where
    system_quotas.amount <> workbook_quotas.amount
    and (system_quotas.is_current or workbook_quotas.is_current)

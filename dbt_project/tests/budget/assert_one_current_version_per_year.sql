-- Exactly one version of a fiscal year is current.
select
    fiscal_period_key // 100 as fiscal_year,
    count(distinct budget_version) as current_versions
from {{ ref('fct_budget') }}
group by fiscal_period_key // 100
having count(distinct if(is_current, budget_version, null)) <> 1

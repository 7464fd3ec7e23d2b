-- grain: golden customer × territory × validity × what the warehouse knew of it
-- additive: nothing; where recorded_to is null a customer has at most one territory on any day
with

assignments as (select * from {{ ref('int_account_territories_unioned') }}),

resolved as (select * from {{ ref('int_customers_resolved') }}),

-- of several accounts of a customer one speaks: the golden one if it has a territory, else one of the CRM, the
-- smallest id
speaking as (
    select
        assignments.*,
        resolved.customer_id,
        first_value(assignments.account_id) over (
            partition by resolved.customer_id
            order by
                assignments.account_id <> resolved.customer_id,
                {{ is_of_billing_system('assignments.account_id') }},
                assignments.recorded_to is not null,
                assignments.account_id
        ) as speaker_id
    from assignments
    inner join resolved on assignments.account_id = resolved.source_customer_id
),

-- what is known today must not overlap: an assignment ends where the next begins
sequenced as (
    select
        *,
        case
            when recorded_to is null then lead(valid_from) over (
                partition by customer_id, recorded_to is null
                order by valid_from, recorded_from, territory_id
            )
        end as next_valid_from
    from speaking
    where account_id = speaker_id
),

bounded as (
    select
        customer_id,
        territory_id,
        valid_from,
        least(valid_to, next_valid_from) as valid_to,
        recorded_from,
        recorded_to
    from sequenced
),

final as (
    select distinct *
    from bounded
    where valid_to is null or valid_to > valid_from
)

select * from final

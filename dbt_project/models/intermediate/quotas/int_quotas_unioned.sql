-- grain: quota of a rep × period × version, of any system
-- additive: amount over reps and periods, within one currency and version
with

quotas as (
    {{ staged('quotas') }}
)

select * from quotas

-- grain: object × kind of the objects that it is associated with; the one that stands for all
-- The primary company comes first; an association that ended tells only where none is left.
with associations as (
    {{ current_rows(
        source('raw_hubspot', 'associations'),
        ['from_object_type', 'from_object_id', 'to_object_type', 'to_object_id', 'type_id'],
        '_extracted_at', with_deleted=true
    ) }}
),

chosen as (
    select
        from_object_type,
        from_object_id,
        to_object_type,
        to_object_id
    from associations
    qualify
        row_number() over (
            partition by from_object_type, from_object_id, to_object_type
            order by
                _deleted_at is null desc, coalesce(label = 'Primary', false) desc, _extracted_at desc, to_object_id asc
        ) = 1
)

select * from chosen

-- grain: document that another system speaks for, since a cut-over lies between them
-- additive: nothing
-- a document that both systems hold (same number, type, currency and amount) is dated as in the older one, so that it
-- is left out on exactly one side; the older system speaks before the cut-over, its successor from that day on
with

cut_overs as (
    {{ cut_overs() }}
),

sales_lines as (
    select * from {{ ref('int_sales_lines_unioned') }}
    where deleted_at is null
),

documents as (
    select
        split_part(invoice_id, ':', 1) as mapping,
        invoice_id,
        substring(invoice_id, position(':' in invoice_id) + 1) as document_no,
        document_type,
        min(currency) as currency,
        min(invoice_date) as document_date,
        sum(net_amount_document) as net_amount
    from sales_lines
    group by invoice_id, document_type
),

older_documents as (
    select
        documents.*,
        cut_overs.successor,
        cut_overs.cut_over_date
    from documents
    inner join cut_overs on documents.mapping = cut_overs.older
),

successor_documents as (
    select
        documents.*,
        cut_overs.older,
        cut_overs.cut_over_date
    from documents
    inner join cut_overs on documents.mapping = cut_overs.successor
),

twins as (
    select
        older_documents.invoice_id as older_invoice_id,
        successor_documents.invoice_id as successor_invoice_id,
        older_documents.document_type,
        older_documents.document_date
    from older_documents
    inner join successor_documents
        on
            older_documents.mapping = successor_documents.older
            and older_documents.successor = successor_documents.mapping
            and older_documents.document_no = successor_documents.document_no
            and older_documents.document_type = successor_documents.document_type
            and older_documents.currency = successor_documents.currency
            and abs(older_documents.net_amount - successor_documents.net_amount) <= 0.01
),

after_cut_over as (
    select
        older_documents.invoice_id,
        older_documents.document_type,
        'after_cut_over' as exclusion_reason,
        bool_or(twins.older_invoice_id is not null) as is_delivered_twice
    from older_documents
    left join twins
        on
            older_documents.invoice_id = twins.older_invoice_id
            and older_documents.document_type = twins.document_type
    where older_documents.document_date >= older_documents.cut_over_date
    group by older_documents.invoice_id, older_documents.document_type
),

before_cut_over as (
    select
        successor_documents.invoice_id,
        successor_documents.document_type,
        'before_cut_over' as exclusion_reason,
        bool_or(twins.successor_invoice_id is not null) as is_delivered_twice
    from successor_documents
    left join twins
        on
            successor_documents.invoice_id = twins.successor_invoice_id
            and successor_documents.document_type = twins.document_type
            and successor_documents.older = split_part(twins.older_invoice_id, ':', 1)
    group by successor_documents.invoice_id, successor_documents.document_type
    -- beside older systems with different dates, the first date counts where no twin tells which one it was
    having
        coalesce(
            bool_or(twins.document_date < successor_documents.cut_over_date),
            min(successor_documents.document_date) < min(successor_documents.cut_over_date)
        )
),

left_out as (
    select * from after_cut_over
    union all
    select * from before_cut_over
)

select * from left_out

"""A PostgreSQL database as Odoo 18 lays it out, with a company of a few rows whose answers can be counted by hand.

Tables, column names and types are Odoo's; of its columns those that the mapping reads, and some that it must
not stumble over. What belongs here: the database and what happens in it. Expectations stay in the test.
"""

from __future__ import annotations

LAYOUT = """
create table res_currency (id int primary key, name varchar not null, rounding numeric, active boolean,
    write_date timestamp);
create table res_country (id int primary key, code varchar(2), name jsonb not null, write_date timestamp);
create table res_partner_industry (id int primary key, name jsonb, active boolean, write_date timestamp);
create table res_partner (id int primary key, name varchar, vat varchar, email varchar, website varchar,
    is_company boolean, function varchar, active boolean, parent_id int, country_id int, industry_id int,
    commercial_partner_id int, customer_rank int, supplier_rank int, comment text, partner_latitude numeric,
    create_date timestamp, write_date timestamp);
create table res_company (id int primary key, name varchar not null, partner_id int not null, currency_id int not null,
    write_date timestamp);
create table res_currency_rate (id int primary key, name date not null, rate numeric, currency_id int not null,
    company_id int, write_date timestamp);
create table res_users (id int primary key, partner_id int not null, login varchar not null, password varchar,
    active boolean, share boolean, write_date timestamp);
create table crm_team (id int primary key, name jsonb not null, user_id int, active boolean, write_date timestamp);
create table crm_team_member (id int primary key, crm_team_id int not null, user_id int not null, active boolean,
    write_date timestamp);
create table uom_uom (id int primary key, name jsonb not null, category_id int not null, uom_type varchar not null,
    factor numeric not null, rounding numeric, write_date timestamp);
create table product_category (id int primary key, name varchar not null, complete_name varchar, parent_id int,
    parent_path varchar, write_date timestamp);
create table product_template (id int primary key, name jsonb not null, description_sale jsonb, type varchar not null,
    categ_id int not null, uom_id int not null, list_price numeric, active boolean, write_date timestamp);
create table product_product (id int primary key, product_tmpl_id int not null, default_code varchar, barcode varchar,
    active boolean, standard_price jsonb, write_date timestamp);
create table account_move (id int primary key, name varchar, ref varchar, move_type varchar not null,
    state varchar not null, posted_before boolean, company_id int, partner_id int, commercial_partner_id int,
    currency_id int not null, invoice_date date, invoice_date_due date, date date not null, invoice_user_id int,
    team_id int, reversed_entry_id int, amount_untaxed numeric, payment_state varchar, narration text,
    write_date timestamp);
create table account_move_line (id int primary key, move_id int not null, display_type varchar not null, name varchar,
    product_id int, product_uom_id int, quantity numeric, price_unit numeric, discount numeric, price_subtotal numeric,
    balance numeric, parent_state varchar, analytic_distribution jsonb, write_date timestamp);
create table sale_order_line (id int primary key, order_id int not null, display_type varchar, write_date timestamp);
create table sale_order_line_invoice_rel (invoice_line_id int not null, order_line_id int not null,
    primary key (invoice_line_id, order_line_id));
create table crm_stage (id int primary key, name jsonb not null, sequence int, is_won boolean, team_id int,
    write_date timestamp);
create table crm_lost_reason (id int primary key, name jsonb not null, active boolean, write_date timestamp);
create table utm_campaign (id int primary key, name varchar not null, title jsonb not null, write_date timestamp);
create table utm_source (id int primary key, name varchar not null, write_date timestamp);
create table crm_lead (id int primary key, name varchar not null, type varchar not null, active boolean, stage_id int,
    team_id int, user_id int, partner_id int, company_id int, partner_name varchar, email_from varchar, phone varchar,
    expected_revenue numeric, probability double precision, date_deadline date, date_conversion timestamp,
    date_closed timestamp, lost_reason_id int, campaign_id int, source_id int, description text, create_date timestamp,
    write_date timestamp);
create table ir_model_fields (id int primary key, model varchar not null, name varchar not null);
create table mail_activity_type (id int primary key, name jsonb not null, write_date timestamp);
create table mail_message (id int primary key, model varchar, res_id int, message_type varchar not null, author_id int,
    mail_activity_type_id int, body text, date timestamp, write_date timestamp);
create table mail_tracking_value (id int primary key, field_id int, old_value_integer int, new_value_integer int,
    old_value_char varchar, new_value_char varchar, mail_message_id int not null, write_date timestamp)
"""

COMPANY = """
insert into res_currency values (1, 'EUR', 0.01, true, '2024-12-01'), (2, 'USD', 0.01, true, '2024-12-01'),
    (4, 'CAD', 0.01, true, null);
insert into res_country values (14, 'AT', '{"en_US": "Austria"}', null),
    (57, 'DE', '{"en_US": "Germany", "de_DE": "Deutschland"}', null);
insert into res_partner_industry values (3, '{"de_DE": "Lebensmittel", "en_US": "Food"}', true, null);
insert into res_partner (id, name, vat, email, website, is_company, function, active, parent_id, country_id,
        industry_id, commercial_partner_id, customer_rank, create_date, write_date) values
    (1, 'Hansa GmbH', null, null, null, true, null, true, null, 57, null, 1, 0, '2024-12-01', '2024-12-01'),
    (2, 'Hansa Inc', null, null, null, true, null, true, null, null, null, 2, 0, '2024-12-01', '2024-12-01'),
    (3, 'Ada', null, null, null, false, 'Seller', true, null, null, null, 3, 0, '2024-12-01', '2024-12-01'),
    (4, 'Ben', null, null, null, false, 'Head of sales', true, null, null, null, 4, 0, '2024-12-01', '2024-12-01'),
    (10, 'Müller & Söhne KG', 'DE136695976', 'Info@Mueller.example', 'https://www.mueller.example/de', true, null, true,
        null, 57, 3, 10, 3, '2024-12-02 10:00', '2024-12-02 10:00'),
    (11, 'Erna Müller', null, 'erna@gmail.com', null, false, 'Buyer', true, 10, 57, null, 10, 0, '2024-12-02',
        '2024-12-02'),
    (12, 'Zwölf AG', '/', null, null, true, null, false, null, 14, null, 12, 0, '2024-12-03', '2024-12-03'),
    (13, 'Vendor', null, null, null, true, null, true, null, 57, null, 13, 0, '2024-12-03', '2024-12-03'),
    (14, 'Nobody Ltd', null, null, null, true, null, true, null, null, null, 14, 1, null, null),
    (15, 'Prospect SA', null, null, null, true, null, true, null, 14, null, 15, 0, '2024-12-03', '2024-12-03');
insert into res_company values (1, 'Hansa GmbH', 1, 1, '2024-12-01'), (2, 'Hansa Inc', 2, 2, '2024-12-01');
insert into res_currency_rate values (1, '2025-01-01', 1.25, 2, 1, '2025-01-01'),
    (2, '2025-02-01', 1.10, 2, 1, '2025-02-01'), (3, '2025-01-01', 0.75, 1, 2, '2025-01-01'),
    (4, '2025-01-01', 1.5, 4, 2, '2025-01-01');
insert into res_users values (1, 1, '__system__', null, false, false, '2024-12-01'),
    (5, 3, 'ada', 'pbkdf2-secret', true, false, '2024-12-01'),
    (6, 4, 'ben', 'pbkdf2-secret', false, false, '2024-12-01');
insert into crm_team values (1, '{"en_US": "Direct", "de_DE": "Direkt"}', 6, true, '2024-12-01'),
    (2, '{"en_US": "new", "de_DE": "neu"}', 6, true, '2024-12-01');
insert into crm_team_member values (1, 1, 5, true, '2024-12-01'), (2, 1, 6, true, '2024-12-01');
insert into uom_uom values (1, '{"en_US": "Units"}', 1, 'reference', 1.0, 0.01, '2024-12-01'),
    (2, '{"en_US": "Dozens"}', 1, 'bigger', 0.08333333333333333, 0.01, '2024-12-01');
insert into product_category values (1, 'All', 'All', null, '1/', '2024-12-01'),
    (2, 'Pumps', 'All / Pumps', 1, '1/2/', '2024-12-01');
insert into product_template values
    (1, '{"de_DE": "Pumpe", "en_US": "Pump"}', null, 'consu', 2, 1, 12.0, true, '2024-12-05'),
    (2, '{"de_DE": "Ventil"}', null, 'consu', 2, 1, 5.0, false, '2024-12-05'),
    (3, '{"en_US": "Mounting"}', null, 'service', 1, 1, 80.0, true, '2024-12-05'),
    (4, '{"en_US": "Valve"}', null, 'consu', 2, 1, 5.0, true, '2024-12-05');
insert into product_product values (101, 1, 'P-1', null, true, '{"1": 20.0, "2": 99.0}', '2024-12-05'),
    (102, 2, 'V-1', null, false, '{"1": 4.5}', '2024-12-05'), (103, 3, null, null, true, null, '2024-12-05'),
    (104, 4, 'V-1', null, true, '{"1": 5.5}', '2024-12-05');
insert into account_move (id, name, move_type, state, posted_before, company_id, partner_id, commercial_partner_id,
        currency_id, invoice_date, date, invoice_user_id, team_id, reversed_entry_id, amount_untaxed, write_date)
    select id, name, move_type, state, posted_before, company, partner, customer, currency, day,
        coalesce(day, '2025-01-26'), seller, team, reversed, amount, day
    from (values
        (1, 'INV/1', 'out_invoice', 'posted', true, 1, 11, 10, 1, date '2025-01-10', 5, 1, null::int, 340.10),
        (2, 'RINV/1', 'out_refund', 'posted', true, 1, 11, 10, 1, '2025-01-20', 5, 1, 1, 50.02),
        (3, '/', 'out_invoice', 'draft', false, 1, 10, 10, 1, '2025-01-25', 5, 1, null, 999),
        (4, 'INV/2', 'out_invoice', 'cancel', true, 1, 10, 10, 1, '2025-01-26', 5, 1, null, 50),
        (5, '/', 'out_invoice', 'cancel', false, 1, 10, 10, 1, null, 5, 1, null, 77),
        (6, 'INV/3', 'out_invoice', 'posted', true, 1, 12, 12, 2, '2025-02-03', 6, null, null, 110),
        (7, 'INV/1', 'out_invoice', 'posted', true, 2, 10, 10, 4, '2025-01-15', null, null, null, 30),
        (8, 'INV/4', 'out_invoice', 'posted', true, 1, 2, 2, 1, '2025-01-16', 5, 1, null, 500),
        (9, 'BILL/1', 'in_invoice', 'posted', true, 1, 13, 13, 1, '2025-01-17', null, null, null, 88),
        (11, 'REC/1', 'out_receipt', 'posted', true, 1, null, null, 1, '2025-02-04', null, null, null, 12)
    ) as move (id, name, move_type, state, posted_before, company, partner, customer, currency, day, seller, team,
        reversed, amount);
insert into account_move_line (id, move_id, display_type, name, product_id, product_uom_id, quantity, price_subtotal,
        write_date) values
    (1, 1, 'product', 'Pump', 101, 2, 2, 240.10, '2025-01-10'),
    (2, 1, 'line_section', 'Work', null, null, 0, 0, '2025-01-10'),
    (3, 1, 'product', 'Mounting', 103, 1, 1.50000, 100.00, '2025-01-10'),
    (4, 1, 'tax', '19 %', null, null, null, 64.62, '2025-01-10'),
    (5, 1, 'payment_term', null, null, null, null, 404.72, '2025-01-10'),
    (6, 2, 'product', 'Pump', 101, 1, 6, 60.02, '2025-01-20'),
    (7, 2, 'product', 'Discount', null, null, 1, -10.00, '2025-01-20'),
    (8, 2, 'line_note', 'Sorry', null, null, 0, null, '2025-01-20'),
    (9, 3, 'product', 'Pump', 101, 1, 80, 999, '2025-01-25'),
    (10, 4, 'product', 'Pump', 101, 1, 4, 50, '2025-01-26'),
    (11, 5, 'product', 'Pump', 101, 1, 4, 77, '2025-01-26'),
    (12, 6, 'product', 'Ventil', 102, 1, 3, 110, '2025-02-03'),
    (13, 7, 'product', 'Pump', 101, 1, 1, 30, '2025-01-15'),
    (14, 8, 'product', 'Pump', 101, 1, 50, 500, '2025-01-16'),
    (15, 9, 'product', 'Steel', null, null, 1, 88, '2025-01-17'),
    (16, 11, 'product', 'Cash sale', null, null, 1, 12, null);
insert into sale_order_line values (31, 21, null, '2025-01-09'), (32, 21, null, '2025-01-09'),
    (33, 22, null, '2025-01-09');
insert into sale_order_line_invoice_rel values (1, 32), (1, 31), (3, 33);
insert into crm_stage values (1, '{"en_US": "Qualification", "de_DE": "Qualifizierung"}', 0, false, null, '2024-12-01'),
    (2, '{"en_US": "Offer", "de_DE": "Angebot"}', 1, false, null, '2024-12-01'),
    (3, '{"en_US": "Closed Won"}', 9, true, null, '2024-12-01');
insert into crm_lost_reason values (1, '{"en_US": "Too expensive"}', true, '2024-12-01');
insert into utm_campaign values (1, 'spring', '{"en_US": "Spring"}', '2024-12-01');
insert into utm_source values (1, 'Trade fair', '2024-12-01');
insert into crm_lead (id, name, type, active, stage_id, team_id, user_id, partner_id, company_id, partner_name,
        email_from, expected_revenue, probability, date_conversion, lost_reason_id, campaign_id, source_id,
        create_date, write_date)
    values
    (50, 'Forty pumps', 'opportunity', true, 2, 2, 5, 11, 1, null, null, 1000, 40, null, null, null, null,
        '2025-01-05', '2025-01-12'),
    (51, 'Ten pumps', 'opportunity', false, 1, 2, 5, 12, 1, null, null, 300, 0, null, 1, null, null,
        '2025-01-06', '2025-01-20'),
    (52, 'Two pumps', 'opportunity', true, 3, 2, 6, 10, 1, null, '"Erna" <Erna@gmail.com>', 60, 100, '2025-01-09', null,
        1, 1, '2025-01-07', '2025-01-30'),
    (53, 'A call', 'lead', true, 1, 2, null, null, null, 'Somebody Ltd', 'call@somebody.example', 0, 5, null, null,
        null, null, '2025-01-08', '2025-01-08'),
    (54, 'A first pump', 'opportunity', true, 1, 2, 5, 15, null, null, null, 20.50, 10, null, null, null, null,
        '2025-01-10', null);
insert into ir_model_fields values (901, 'crm.lead', 'stage_id'), (902, 'crm.lead', 'active'),
    (903, 'crm.lead', 'user_id'), (904, 'project.task', 'stage_id');
insert into mail_activity_type values (4, '{"en_US": "Meeting", "de_DE": "Besprechung"}', '2024-12-01');
insert into mail_message (id, model, res_id, message_type, author_id, mail_activity_type_id, date, write_date) values
    (1, 'crm.lead', 52, 'notification', 3, null, '2025-01-08 09:00', '2025-01-08 09:00'),
    (2, 'crm.lead', 50, 'notification', 3, null, '2025-01-12 09:00', '2025-01-12 09:00'),
    (3, 'crm.lead', 50, 'notification', 3, 4, '2025-01-14 09:00', '2025-01-14 09:00'),
    (4, 'crm.lead', 51, 'notification', 3, null, '2025-01-20 09:00', '2025-01-20 09:00'),
    (5, 'crm.lead', 52, 'notification', 4, null, '2025-01-30 09:00', '2025-01-30 09:00'),
    (6, 'project.task', 50, 'notification', 4, null, '2025-01-31 09:00', '2025-01-31 09:00'),
    (7, 'res.partner', 11, 'email', 4, null, '2025-02-01 09:00', '2025-02-01 09:00'),
    (8, 'res.partner', 11, 'comment', 4, null, '2025-02-02 09:00', '2025-02-02 09:00');
insert into mail_tracking_value values (1, 901, 1, 2, 'Qualifizierung', 'Angebot', 1, '2025-01-08 09:00'),
    (2, 901, 1, 2, 'Qualification', 'Offer', 2, '2025-01-12 09:00'), (3, 902, 1, 0, null, null, 4, '2025-01-20 09:00'),
    (4, 901, 2, 3, 'Offer', 'Closed Won', 5, '2025-01-30 09:00'), (5, 903, 5, 6, 'Ada', 'Ben', 5, '2025-01-30 09:00'),
    (6, 904, 1, 3, 'New', 'Done', 6, '2025-01-31 09:00')
"""

NEXT_DAYS = """
update account_move set state = 'cancel', write_date = '2025-02-05 10:00' where id = 6;
delete from sale_order_line_invoice_rel where invoice_line_id = 3;
delete from account_move_line where id = 3;
update account_move set amount_untaxed = 240.10, write_date = '2025-02-05 11:00' where id = 1;
update product_product set standard_price = '{"1": 25.0, "2": 99.0}', write_date = '2025-02-05 12:00' where id = 101;
update product_template set name = '{"en_US": "Pump II"}', write_date = '2025-02-05 12:00' where id = 1;
update product_category set complete_name = 'Goods / Pumps' where id = 2;
insert into account_move (id, name, move_type, state, posted_before, company_id, partner_id, commercial_partner_id,
        currency_id, invoice_date, date, amount_untaxed, write_date) values
    (12, 'INV/5', 'out_invoice', 'posted', true, 1, 10, 10, 1, '2025-02-06', '2025-02-06', 100, '2025-02-06');
insert into account_move_line (id, move_id, display_type, name, product_id, product_uom_id, quantity, price_subtotal,
        write_date) values (17, 12, 'product', 'Pump II', 101, 1, 1, 100, null);
update crm_lead set active = true, probability = 10, lost_reason_id = null, write_date = '2025-02-05 13:00'
    where id = 51;
insert into mail_message (id, model, res_id, message_type, date, write_date) values
    (9, 'crm.lead', 51, 'notification', '2025-02-05 13:00', '2025-02-05 13:00');
insert into mail_tracking_value values (7, 902, 0, 1, null, null, 9, '2025-02-05 13:00')
"""
"""An invoice is cancelled; another is corrected in draft, loses a line and is posted again; a product is renamed and
its cost rises; its category is renamed by SQL that moves no write_date; an invoice is added, its line without one; a
lost deal is restored."""

OLDER_COSTS = """
create table ir_property (id int primary key, name varchar, res_id varchar, company_id int, type varchar not null,
    value_float double precision, value_reference varchar, write_date timestamp);
insert into ir_property values (1, 'standard_price', 'product.product,101', 1, 'float', 20.5, null, '2024-12-05'),
    (2, 'standard_price', null, 1, 'float', 0, null, '2024-12-05'),
    (3, 'standard_price', 'product.product,101', null, 'float', 7, null, '2024-12-05'),
    (4, 'property_account_income_id', 'product.template,1', 1, 'many2one', null, 'account.account,9', '2024-12-05')
"""

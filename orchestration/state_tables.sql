-- Tables of the state file that Python writes, as the public contract gives them. Append-only unless said otherwise.
create schema if not exists forecast;
create schema if not exists quality;
create schema if not exists ops;
-- not released: what only the warehouse itself needs to know
create schema if not exists audit;

-- grain: suite of a raw table × load on whose rows it has passed
create table if not exists audit.passed_load (suite varchar, load_id varchar);

-- grain: one row; the run's clock, replaced at the start of each run
create table if not exists ops.run_clock (as_of_ts timestamp);

-- grain: run
create table if not exists forecast.forecast_run (
    run_id varchar primary key, cadence varchar, data_as_of timestamp, created_at timestamp, git_sha varchar,
    config_hash varchar, input_hash varchar, output_hash varchar, horizon_periods int, status varchar,
    published_at timestamp
);

-- grain: series; a series that a later run names again keeps its row
create table if not exists forecast.dim_series (
    series_id varchar primary key, level varchar, measure varchar, region varchar, territory_id varchar,
    product_line varchar, product_category varchar, sales_rep_id varchar, segment varchar, customer_id varchar
);

-- grain: parent × child × validity
create table if not exists forecast.bridge_series (
    parent_series_id varchar, child_series_id varchar, valid_from date, valid_to date
);

-- grain: run × series
create table if not exists forecast.fct_series_profile (
    run_id varchar, series_id varchar, observation_count int, missing_count int, outlier_count int, adi double,
    cv_squared double, trend_strength double, seasonal_strength double, demand_class varchar, chosen_method varchar,
    champion_reason varchar, chosen_wape double, baseline_wape double, mase_scale double, rmsse_scale double
);

-- grain: run × series × method × grain × period
create table if not exists forecast.fct_forecast (
    run_id varchar, series_id varchar, method varchar, grain varchar, period_start date, horizon int, yhat double,
    p10 double, p50 double, p90 double, is_reconciled boolean, uses_market_indicators boolean,
    p025 double, p975 double, is_champion boolean
);

-- grain: run × series × method × period × lag; recomputed from the kept vintages
create table if not exists forecast.fct_forecast_accuracy (
    run_id varchar, series_id varchar, level varchar, method varchar, grain varchar, period_start date,
    lag_periods int, forecast double, actual double, error double, abs_error double, p10 double, p90 double,
    actual_status varchar, measure varchar, previous_forecast double, mase_scale double, rmsse_scale double
);

-- grain: as-of × level × method × lag × window (× series); one as-of is replaced as a whole
create table if not exists forecast.fct_forecast_metric (
    as_of_date date, level varchar, method varchar, grain varchar, lag_periods int, window_periods int,
    observation_count bigint, wape double, accuracy double, bias double, mase double, rmsse double,
    tracking_signal double, interval_coverage_80 double, stability double, measure varchar, series_id varchar,
    actor varchar
);

-- grain: closed actual that changed afterwards; recomputed from the postings
create table if not exists forecast.fct_actual_restatement (
    series_id varchar, grain varchar, period_start date, restated_at timestamp, actual_before double,
    actual_after double
);

-- grain: as-of × opportunity × horizon period; one as-of is replaced as a whole
create table if not exists forecast.fct_win_probability (
    as_of_date date, opportunity_id varchar, horizon_period_key int, probability double, model_version varchar
);

-- grain: run × check
create table if not exists quality.check_result (
    run_id varchar, check_id varchar, entity varchar, severity varchar, status varchar, failing_rows bigint,
    checked_at timestamp, finding varchar
);
alter table quality.check_result add column if not exists finding varchar;

-- grain: publish
create table if not exists ops.publish_log (
    publish_id varchar primary key, run_id varchar, published_at timestamp, previous_publish_id varchar,
    file_path varchar, sha256 varchar, checks_passed int, checks_failed int, reader_errors int
);

-- grain: report; replaced as a whole from the registry of reports
create table if not exists ops.report_catalog (
    report_id varchar, title varchar, cadence varchar, breakdowns varchar, formats varchar, audience varchar,
    requirement_ids varchar
);

-- grain: file × recipient
create table if not exists ops.export_log (
    export_id varchar, report_id varchar, cadence varchar, scheduled_for timestamp, recipient varchar, run_id varchar,
    publish_id varchar, file_path varchar, format varchar, row_count bigint, sha256 varchar, started_at timestamp,
    finished_at timestamp, status varchar
);

"""Estimators as assets.

What belongs here: reading the features, fitting, writing the predictions. What does not: the estimators (models).
"""

import dagster as dg

from orchestration.inputs import opportunity_features, periods_frame
from orchestration.jobs import ESTIMATORS_GROUP
from orchestration.keys import WIN_PROBABILITY_KEY, table_key
from orchestration.resources import WritingRun
from orchestration.state import open_state, replace

TABLE = "forecast.fct_win_probability"


def estimator_assets() -> list[dg.AssetsDefinition]:
    """One asset per registered estimator."""
    return [_win_probability()]


def _win_probability() -> dg.AssetsDefinition:
    @dg.asset(
        key=WIN_PROBABILITY_KEY,
        deps=[table_key("intermediate.int_opportunity_features_observed"), table_key("marts.dim_date")],
        group_name=ESTIMATORS_GROUP,
        kinds={"scikitlearn"},
        required_resource_keys={"writing_run"},
        description="P(won by the end of fiscal period h) of each open deal, by a model fitted as of the clock.",
    )
    def win_probability(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        from models import MODELS  # Here: importing scikit-learn would make every command start slower.

        run: WritingRun = context.resources.writing_run
        features = opportunity_features(run.environment.build_file)
        if features.empty:
            return dg.MaterializeResult(metadata={"dagster/row_count": 0, "model": "none: no opportunities"})
        as_of = features["as_of_date"].max()
        model = MODELS["win_probability"]().fit(features, periods_frame(run.environment.build_file), as_of)
        predictions = model.predict(features[features["as_of_date"] == as_of])
        with open_state(run.environment.state_file) as connection:
            rows = replace(connection, TABLE, predictions, {"as_of_date": as_of})
        return dg.MaterializeResult(metadata={"dagster/row_count": rows, "model": model.model_version_})

    return win_probability

"""Puts finished runs with one metric each into MLflow's database: seedMlflow.py DATABASE EXPERIMENT RUNS."""
import sys
import uuid

import sqlalchemy
from mlflow.store.tracking.dbmodels import models

database, experiment, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
engine = sqlalchemy.create_engine(database)
ids = [uuid.uuid4().hex for _ in range(runs)]
with engine.begin() as connection:
    connection.execute(
        models.SqlRun.__table__.insert(),
        [
            {"run_uuid": run, "name": "run-%d" % at, "experiment_id": experiment, "user_id": "bench", "status": "FINISHED",
             "source_type": "LOCAL", "source_name": "", "entry_point_name": "", "source_version": "", "lifecycle_stage": "active",
             "start_time": 1700000000000 + at, "end_time": 1700000001000 + at, "artifact_uri": "file:///tmp/x"}
            for at, run in enumerate(ids)
        ],
    )  # fmt: skip
    point = [{"run_uuid": run, "key": "score", "value": (at * 7919 % runs) / runs, "timestamp": 1700000000000, "step": 0, "is_nan": False}
             for at, run in enumerate(ids)]  # fmt: skip
    connection.execute(models.SqlMetric.__table__.insert(), point)
    connection.execute(models.SqlLatestMetric.__table__.insert(), point)
    connection.execute(models.SqlTag.__table__.insert(), [{"run_uuid": run, "key": "mlflow.runName", "value": "run"} for run in ids])
    connection.execute(models.SqlParam.__table__.insert(), [{"run_uuid": run, "key": "lr", "value": "0.1"} for run in ids])
if engine.name == "postgresql":
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("analyze"))  # which it does by itself within a minute

"""What details of a run show of a dataset."""


class ShownDataset(dict):
    """``{"id": ..., "name": ..., "version": ...}`` that can be used as the dataset as well: ``details["inputDatasets"][0]["dataset"].to_path()``."""

    def __init__(self, shown, run):
        super().__init__(shown)
        self._run = run

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self:
            return self[name]
        from azureml.core.dataset import Dataset

        return getattr(Dataset.get_by_id(self._run.experiment.workspace, self["id"]), name)


def let_datasets_be_asked(run, details):
    """Put such datasets into the entries of ``inputDatasets`` and ``outputDatasets``."""
    for entry in details.get("inputDatasets", []) + details.get("outputDatasets", []):
        if entry.get("dataset"):
            entry["dataset"] = ShownDataset(entry["dataset"], run)

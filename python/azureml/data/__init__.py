"""Datasets, datastores and what stands for them in a submission."""
from switchyard_client.lazy import import_when_asked

import_when_asked(
    __name__,
    {
        "DataType": "azureml.data.data_type",
        "DatasetConsumptionConfig": "azureml.data.dataset_consumption_config",
        "FileDataset": "azureml.data.file_dataset",
        "HDFSOutputDatasetConfig": "azureml.data.output_dataset_config",
        "LinkFileOutputDatasetConfig": "azureml.data.output_dataset_config",
        "LinkTabularOutputDatasetConfig": "azureml.data.output_dataset_config",
        "OutputDatasetConfig": "azureml.data.output_dataset_config",
        "OutputFileDatasetConfig": "azureml.data.output_dataset_config",
        "OutputTabularDatasetConfig": "azureml.data.output_dataset_config",
        "TabularDataset": "azureml.data.tabular_dataset",
        "abstract_dataset": "azureml.data.abstract_dataset",
        "abstract_datastore": "azureml.data.abstract_datastore",
        "azure_storage_datastore": "azureml.data.azure_storage_datastore",
        "data_reference": "azureml.data.data_reference",
        "datapath": "azureml.data.datapath",
        "dataset_consumption_config": "azureml.data.dataset_consumption_config",
        "dataset_error_handling": "azureml.data.dataset_error_handling",
        "dataset_factory": "azureml.data.dataset_factory",
        "dataset_type_definitions": "azureml.data.dataset_type_definitions",
        "file_dataset": "azureml.data.file_dataset",
        "output_dataset_config": "azureml.data.output_dataset_config",
        "sql_data_reference": "azureml.data.sql_data_reference",
        "tabular_dataset": "azureml.data.tabular_dataset",
    },
)

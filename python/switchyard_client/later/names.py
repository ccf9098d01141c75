"""The table: feature -> module -> names. What is built moves out of it, and its test counts that nothing else does."""

#: feature, which is a section of docs/roadmap.md -> in words
FEATURES = {
    "pipelines": "pipelines",
    "automl": "automated machine learning",
    "deployment": "deployment of models as web services",
    "interpretability": "interpretability, fairness and responsible AI",
    "data drift": "data drift monitoring",
    "labeled data": "labeled datasets",
    "dataprep": "the data preparation engine of 2019, which v1 itself dropped",
    "open datasets": "open datasets, which came from the vendor's storage",
    "fpga": "models on FPGAs",
    "reinforcement learning": "reinforcement learning",
    "tensorboard": "runs as files of TensorBoard",
    "distributed lightgbm": "distributed LightGBM",
    "linked services": "linked services (Synapse, Kusto)",
    "legacy targets": "compute targets in project files of 2018",
    "kubernetes": "Kubernetes clusters as compute targets",
    "azure resources": "resources of Azure around a workspace",
    "internals": "the insides of the vendor's client, which no public document describes",
}

_TABLE = {
    "pipelines": {
        "azureml.pipeline.core": (
            "InputPortBinding OutputPortBinding Pipeline PipelineData PipelineDraft PipelineEndpoint PipelineParameter PipelineRun "
            "PipelineStep PortDataReference PublishedPipeline Schedule ScheduleRecurrence StepRun StepRunOutput StepSequence TrainingOutput"
        ),
        "azureml.pipeline.core.graph": "InputPortDef OutputPortDef ParamDef PipelineParameter",
        "azureml.pipeline.core.module": "Module ModuleVersion",
        "azureml.pipeline.core.pipeline": "Pipeline",
        "azureml.pipeline.core.pipeline_endpoint": "PipelineEndpoint",
        "azureml.pipeline.core.pipeline_output_dataset": "PipelineOutputDataset PipelineOutputFileDataset PipelineOutputTabularDataset",
        "azureml.pipeline.core.run": "PipelineRun StepRun StepRunOutput",
        "azureml.pipeline.core.schedule": "Schedule ScheduleRecurrence",
        "azureml.pipeline.steps": (
            "AdlaStep AutoMLStep AzureBatchStep CommandStep DataTransferStep DatabricksStep EstimatorStep HyperDriveStep HyperDriveStepRun "
            "KustoStep ModuleStep MpiStep ParallelRunConfig ParallelRunStep PythonScriptStep RScriptStep SynapseSparkStep"
        ),
        "azureml.contrib.notebook": "NotebookRunnerStep",
        "azureml.contrib.pipeline.steps": "ParallelRunConfig ParallelRunStep",
    },
    "automl": {
        "azureml.automl.core._vendor.automl.client.core.common": "metrics",
        "azureml.automl.core._vendor.automl.client.core.common.metrics": "",
        "azureml.automl.core.featurization": "FeaturizationConfig",
        "azureml.automl.core.forecasting_parameters": "ForecastingParameters",
        "azureml.automl.core.onnx_convert": "OnnxConvertConstants OnnxConverter OnnxInferenceHelper",
        "azureml.automl.core.shared": "constants logging_utilities metrics",
        "azureml.automl.core.shared.constants": "ImageTask MODEL_PATH Metric PROPERTY_KEY_OF_MODEL_PATH PT_MODEL_FILENAME TimeSeriesInternal",
        "azureml.automl.core.shared.logging_utilities": "",
        "azureml.automl.core.shared.metrics": "",
        "azureml.automl.core.shared.types": "GrainType",
        "azureml.automl.dnn.nlp.common.io.utils": "load_model_wrapper",
        "azureml.automl.dnn.vision.classification.inference.score": "_score_with_model",
        "azureml.automl.dnn.vision.common.constants": "ArtifactLiterals",
        "azureml.automl.dnn.vision.common.logging_utils": "get_logger",
        "azureml.automl.dnn.vision.common.model_export_utils": "load_model run_inference_batch",
        "azureml.automl.dnn.vision.common.utils": "_set_logging_parameters",
        "azureml.automl.dnn.vision.object_detection_yolo.models.common": "Conv Hardswish",
        "azureml.automl.runtime._ml_engine.classification_ml_engine": "evaluate_classifier",
        "azureml.automl.runtime._vendor.automl.client.core.runtime": "forecasting_models",
        "azureml.automl.runtime._vendor.automl.client.core.runtime.forecasting_models": "",
        "azureml.automl.runtime.onnx_convert": "OnnxConverter OnnxInferenceHelper",
        "azureml.automl.runtime.shared": "forecasting_models",
        "azureml.automl.runtime.shared.forecasting_models": "",
        "azureml.automl.runtime.shared.score": "constants scoring",
        "azureml.automl.runtime.shared.score.constants": "",
        "azureml.automl.runtime.shared.score.scoring": "score_classification",
        "azureml.contrib.automl.pipeline.steps": "AutoMLPipelineBuilder utilities",
        "azureml.contrib.automl.pipeline.steps.utilities": "get_output_from_mm_pipeline",
        "azureml.train.automl": "AutoMLConfig AutoMLImageConfig AutoMLStep constants",
        "azureml.train.automl.automl_explain_utilities": "AutoMLExplainerSetupClass automl_setup_model_explanations",
        "azureml.train.automl.automlconfig": "AutoMLConfig",
        "azureml.train.automl.automlexplainer": "explain_model retrieve_model_explanation",
        "azureml.train.automl.constants": "Scenarios",
        "azureml.train.automl.model_proxy": "ModelProxy",
        "azureml.train.automl.run": "AutoMLRun",
        "azureml.train.automl.runtime": "AutoMLStep",
        "azureml.train.automl.runtime._hts.hts_parameters": "HTSInferenceParameters HTSTrainParameters",
        "azureml.train.automl.runtime._hts.hts_runtime_utilities": "dump_object_to_json",
        "azureml.train.automl.runtime._many_models.many_models_parameters": "ManyModelsInferenceParameters ManyModelsTrainParameters",
        "azureml.train.automl.runtime.automl_explain_utilities": (
            "AutoMLExplainerSetupClass automl_check_model_if_explainable automl_setup_model_explanations"
        ),
        "azureml.train.automl.utilities": "get_primary_metrics",
    },
    "deployment": {
        "azureml.core.image": "Image",
        "azureml.contrib.functions": "package_blob package_http package_service_bus_queue",
        "azureml.core.webservice": "AksEndpoint AksWebservice",
        "azureml.core.webservice.aks": "AksEndpoint AksServiceDeploymentConfiguration AksWebservice",
        "azureml.monitoring": "ModelDataCollector",
    },
    "interpretability": {
        "azureml.contrib.explain.model.explanation.explanation_client": "ExplanationClient",
        "azureml.contrib.explain.model.visualize": "ExplanationDashboard",
        "azureml.contrib.fairness": "download_dashboard_by_upload_id upload_dashboard_dictionary",
        "azureml.contrib.interpret.explanation.explanation_client": "ExplanationClient",
        "azureml.contrib.interpret.visualize": "ExplanationDashboard",
        "azureml.explain.model": "",
        "azureml.explain.model._internal.explanation_client": "ExplanationClient",
        "azureml.explain.model.mimic.mimic_explainer": "MimicExplainer",
        "azureml.explain.model.mimic.models.lightgbm_model": "LGBMExplainableModel",
        "azureml.explain.model.mimic.models.linear_model": "LinearExplainableModel SGDExplainableModel",
        "azureml.explain.model.mimic.models.tree_model": "DecisionTreeExplainableModel",
        "azureml.explain.model.mimic_wrapper": "MimicWrapper",
        "azureml.explain.model.permutation.permutation_importance": "PFIExplainer",
        "azureml.explain.model.scoring.scoring_explainer": "LinearScoringExplainer TreeScoringExplainer save",
        "azureml.explain.model.tabular_explainer": "TabularExplainer",
        "azureml.interpret": "ExplanationClient",
        "azureml.interpret.mimic_wrapper": "MimicWrapper",
        "azureml.interpret.model.serialize": "KerasSerializer",
        "azureml.interpret.scoring.scoring_explainer": "DeepScoringExplainer LinearScoringExplainer TreeScoringExplainer save",
        "azureml.responsibleai.common.pickle_model_loader": "PickleModelLoader",
        "azureml.responsibleai.tools.model_analysis.counterfactual_config": "CounterfactualConfig",
        "azureml.responsibleai.tools.model_analysis.explain_config": "ExplainConfig",
        "azureml.responsibleai.tools.model_analysis.model_analysis_config": "ModelAnalysisConfig",
    },
    "data drift": {
        "azureml.contrib.datadrift": "AlertConfiguration DataDriftDetector",
        "azureml.datadrift": "AlertConfiguration DataDriftDetector",
    },
    "labeled data": {"azureml.contrib.dataset": "FileHandlingOption LabeledDatasetTask"},
    "dataprep": {
        "azureml.dataprep": (
            "ArchiveOptions ArchiveType BlobDataSource ColumnProfileDifference ColumnRelationship ColumnSelector Dataflow ExecutionError "
            "ExternalReference FieldType ImputeColumnArguments InferenceArguments LocalFileOutput MSSQLDataSource MismatchAsOption Package "
            "PostgreSQLDataSource PromoteHeadersMode RegEx ReplaceValueFunction ReplacementsValue SType SummaryColumnsValue SummaryFunction "
            "TypeConverter auto_read_file col create_datetime detect_file_format f_and f_or get_stream_name read_csv read_excel read_fwf "
            "read_json read_lines read_pandas_dataframe read_parquet_dataset read_parquet_file read_postgresql read_sql register_secret "
            "smart_read_file value"
        ),
        "azureml.dataprep.api.datasources": "ADLSGen2 DataLakeDataSource",
        "azureml.dataprep.api.engineapi.typedefinitions": "SummaryFunction",
        "azureml.dataprep.value": "is_null",
    },
    "open datasets": {"azureml.opendatasets": "Diabetes MNIST NoaaIsdWeather NycTlcGreen NycTlcYellow"},
    "fpga": {
        "azureml.accel": "AccelContainerImage AccelOnnxConverter client_from_service",
        "azureml.accel._external.ssdvgg_utils": "postprocess",
        "azureml.accel.client": "PredictionClient",
        "azureml.accel.models": "QuantizedResnet50 Resnet50 SsdVgg",
        "azureml.accel.models.utils": "preprocess_array",
        "azureml.contrib.brainwave": "BrainwaveImage BrainwaveWebservice",
        "azureml.contrib.brainwave.client": "PredictionClient",
        "azureml.contrib.brainwave.models": "QuantizedResnet152 QuantizedResnet50 Resnet50",
        "azureml.contrib.brainwave.models.utils": "preprocess_array",
        "azureml.contrib.brainwave.pipeline": "BrainWaveStage KerasStage ModelDefinition TensorflowStage",
    },
    "reinforcement learning": {"azureml.contrib.train.rl": "Ray ReinforcementLearningEstimator WorkerConfiguration"},
    "tensorboard": {
        "azureml.contrib.tensorboard.export": "export_to_tensorboard",
        "azureml.tensorboard.export": "export_to_tensorboard",
    },
    "distributed lightgbm": {"azureml.contrib.gbdt": "LightGBM"},
    "linked services": {
        "azureml.core.linked_service": "KustoCompute LinkedService SynapseCompute SynapseWorkspaceLinkedServiceConfiguration"
    },
    "kubernetes": {"azureml.core.compute.kubernetescompute": "KubernetesCompute"},
    "azure resources": {"azureml.core.private_endpoint": "PrivateEndPoint PrivateEndPointConfig"},
    "legacy targets": {"azureml.core.legacy_targets": "attach_legacy_compute_target"},
    "internals": {
        "azureml._restclient.jasmine_client": "JasmineClient",
        "azureml._restclient.models": "RunTypeV2",
        "azureml._restclient.models.create_run_dto": "CreateRunDto",
        "azureml._restclient.run_client": "RunClient",
    },
}

#: module -> {name: feature}
MODULES = {}
for _feature, _modules in _TABLE.items():
    for _module, _names in _modules.items():
        MODULES.setdefault(_module, {}).update((_name, _feature) for _name in _names.split())

/** What MLflow's own pages ask of runs and experiments by GraphQL: the messages of the REST API, their fields in camelCase. */
export const SDL = `
"A whole number of 64 bits, as text."
scalar LongString
directive @component(name: String) on QUERY | MUTATION

type Query {
  test(inputString: String): MlflowTest
  mlflowGetExperiment(input: MlflowGetExperimentInput): MlflowGetExperimentResponse
  mlflowGetRun(input: MlflowGetRunInput): MlflowGetRunResponse
  mlflowListArtifacts(input: MlflowListArtifactsInput): MlflowListArtifactsResponse
  mlflowGetMetricHistoryBulkInterval(input: MlflowGetMetricHistoryBulkIntervalInput): MlflowGetMetricHistoryBulkIntervalResponse
  mlflowSearchModelVersions(input: MlflowSearchModelVersionsInput): MlflowSearchModelVersionsResponse
}

"MLflow's pages ask for what needs many parameters by mutations; nothing is changed by them."
type Mutation {
  mlflowSearchRuns(input: MlflowSearchRunsInput): MlflowSearchRunsResponse
  mlflowSearchDatasets(input: MlflowSearchDatasetsInput): MlflowSearchDatasetsResponse
}

type MlflowTest { output: String }

input MlflowGetExperimentInput { experimentId: String }
type MlflowGetExperimentResponse { experiment: MlflowExperiment }
type MlflowExperiment {
  experimentId: String
  name: String
  artifactLocation: String
  lifecycleStage: String
  lastUpdateTime: LongString
  creationTime: LongString
  tags: [MlflowPair!]
}

input MlflowGetRunInput { runId: String, runUuid: String }
type MlflowGetRunResponse { run: MlflowRun }
type MlflowRun {
  info: MlflowRunInfo
  data: MlflowRunData
  inputs: MlflowRunInputs
  outputs: MlflowRunOutputs
  experiment: MlflowExperiment
  modelVersions: [MlflowModelVersion!]
}
type MlflowRunInfo {
  runId: String
  runUuid: String
  runName: String
  experimentId: String
  userId: String
  status: String
  startTime: LongString
  endTime: LongString
  artifactUri: String
  lifecycleStage: String
}
type MlflowRunData { metrics: [MlflowMetric!], params: [MlflowPair!], tags: [MlflowPair!] }
type MlflowMetric { key: String, value: Float, timestamp: LongString, step: LongString, runId: String }
type MlflowPair { key: String, value: String }
type MlflowRunInputs { datasetInputs: [MlflowDatasetInput!], modelInputs: [MlflowModelInput!] }
type MlflowDatasetInput { tags: [MlflowPair!], dataset: MlflowDataset }
type MlflowDataset { name: String, digest: String, sourceType: String, source: String, schema: String, profile: String }
type MlflowModelInput { modelId: String }
type MlflowRunOutputs { modelOutputs: [MlflowModelOutput!] }
type MlflowModelOutput { modelId: String, step: LongString }

input MlflowListArtifactsInput { runId: String, runUuid: String, path: String, pageToken: String }
type MlflowListArtifactsResponse { rootUri: String, files: [MlflowFileInfo!], nextPageToken: String }
type MlflowFileInfo { path: String, isDir: Boolean, fileSize: LongString }

input MlflowGetMetricHistoryBulkIntervalInput { runIds: [String], metricKey: String, startStep: Int, endStep: Int, maxResults: Int }
type MlflowGetMetricHistoryBulkIntervalResponse { metrics: [MlflowMetric!] }

input MlflowSearchModelVersionsInput { filter: String, maxResults: LongString, orderBy: [String], pageToken: String }
type MlflowSearchModelVersionsResponse { modelVersions: [MlflowModelVersion!], nextPageToken: String }
type MlflowModelVersion {
  name: String
  version: String
  creationTimestamp: LongString
  lastUpdatedTimestamp: LongString
  userId: String
  currentStage: String
  description: String
  source: String
  runId: String
  status: String
  statusMessage: String
  tags: [MlflowPair!]
  aliases: [String!]
}

input MlflowSearchRunsInput {
  experimentIds: [String]
  filter: String
  runViewType: String
  maxResults: Int
  orderBy: [String]
  pageToken: String
}
type MlflowSearchRunsResponse { runs: [MlflowRun!], nextPageToken: String }

input MlflowSearchDatasetsInput { experimentIds: [String] }
type MlflowSearchDatasetsResponse { datasetSummaries: [MlflowDatasetSummary!] }
type MlflowDatasetSummary { experimentId: String, name: String, digest: String, context: String }
`;

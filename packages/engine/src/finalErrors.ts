/** Codes of errors at a start that another try would meet again: whatever was to be started fails with them. */
export const FINAL_ERRORS: ReadonlySet<string> = new Set([
  "job_rejected",
  "snapshot_incomplete",
  "environment_unusable",
  "bad_request",
  "path_escape",
  "checksum_mismatch",
]);

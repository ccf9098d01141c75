import { dirname, join, resolve } from "node:path";
import { JOB_LAYOUT, PathEscape } from "@switchyard/protocol";

/** The folders of a site: one machine's place for jobs. */
export interface SiteFolders {
  readonly root: string;
  /** one job directory per job */
  readonly jobs: string;
  /** job directories while they are written or deleted; on the same disk as `jobs` */
  readonly staging: string;
  /** a file per job, touched when something happens to it */
  readonly bells: string;
  /** what all jobs share: supervisor and Python client, one folder per version */
  readonly toolkits: string;
}

export function siteFolders(root: string): SiteFolders {
  const at = resolve(root);
  return { root: at, jobs: join(at, "jobs"), staging: join(at, "staging"), bells: join(at, "bells"), toolkits: join(at, "toolkits") };
}

/** The site that a job directory belongs to. */
export const siteOfJob = (jobDirectory: string): SiteFolders => siteFolders(dirname(dirname(jobDirectory)));

/** Room for the random ending of a staging folder. */
const LONGEST_JOB_ID = 200;

/** The directory of a job; refuses an id that is not one plain name. */
export function jobDirectory(site: SiteFolders, jobId: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.~-]*$/.test(jobId) || jobId.length > LONGEST_JOB_ID) {
    throw new PathEscape(
      `"${jobId.slice(0, 300)}" cannot be a job's id: it may have letters, digits, "_", "-", "." and "~", begins with a letter or digit, and has at most ${LONGEST_JOB_ID} characters.`,
    );
  }
  return join(site.jobs, jobId);
}

/** Where the attempts of a job lie. */
export const attemptsFolder = (jobDirectory: string): string => join(jobDirectory, JOB_LAYOUT.attempts);

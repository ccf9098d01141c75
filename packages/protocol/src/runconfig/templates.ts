import { condaTemplate, type TextFile } from "../environment/files.ts";
import { type RunConfiguration, runConfigurationSection } from "./schema.ts";
import { toYaml } from "./write.ts";

/** The two run configurations that every attached folder gets. */
export const TEMPLATE_NAMES = ["local", "docker"] as const;
export type TemplateName = (typeof TEMPLATE_NAMES)[number];

const CONDA_PATH = ".azureml/conda_dependencies.yml";
const IGNORED = [".ipynb_checkpoints", "azureml-logs", ".azureml", ".git", "outputs", "azureml-setup", "docs"];

/**
 * What `local.runconfig` or `docker.runconfig` holds. The framework of `docker` is PySpark, as it was in the templates
 * people know (spec 01 §1), although nothing in it needs Spark.
 */
export function defaultRunConfiguration(name: TemplateName): RunConfiguration {
  const blank = runConfigurationSection.absent();
  const { environment } = blank;
  return {
    ...blank,
    script: "train.py",
    framework: name === "docker" ? "PySpark" : "Python",
    environment: {
      ...environment,
      environmentVariables: { EXAMPLE_ENV_VAR: "EXAMPLE_VALUE" },
      python: { ...environment.python, condaDependenciesFile: CONDA_PATH },
      docker: { ...environment.docker, enabled: name === "docker" },
    },
  };
}

/**
 * What `<target>.runconfig` holds, which is written when a target is made: the defaults, sent there. It asks for no
 * Docker, so that it works on a machine without; without a conda file it takes the python3 it finds. That of a Spark cluster
 * is for PySpark.
 */
export function targetRunConfigurationTemplate(target: string, condaFile: string | null, isSpark = false): string {
  const blank = runConfigurationSection.absent();
  const { python } = blank.environment;
  const own = { userManagedDependencies: true, interpreterPath: "python3", condaDependenciesFile: null };
  const configuration: RunConfiguration = {
    ...blank,
    script: "train.py",
    target,
    framework: isSpark ? "PySpark" : "Python",
    environment: { ...blank.environment, python: { ...python, ...(condaFile === null ? own : { condaDependenciesFile: condaFile }) } },
  };
  return annotated(target, configuration);
}

export interface FolderAttachment {
  readonly experiment: string;
  readonly workspace: string;
  /** like `3.11`; null for any Python */
  readonly pythonVersion: string | null;
}

/** The files that `folder attach` writes; `.amlignore` only where there is none yet. */
export function folderTemplates(attachment: FolderAttachment): readonly TextFile[] {
  return [
    ...TEMPLATE_NAMES.map((name) => ({ path: `.azureml/${name}.runconfig`, text: runConfigurationTemplate(name) })),
    { path: CONDA_PATH, text: condaTemplate(attachment.pythonVersion) },
    { path: ".azureml/config.json", text: `${JSON.stringify(linkOf(attachment), null, 2)}\n` },
    { path: ".amlignore", text: `${IGNORED.join("\n")}\n` },
  ];
}

function runConfigurationTemplate(name: TemplateName): string {
  return annotated(name, defaultRunConfiguration(name));
}

function annotated(name: string, configuration: RunConfiguration): string {
  return `# Run configuration "${name}": switchyard run submit-script -c ${name} train.py\n${toYaml(configuration)}`;
}

/** `subscription_id` and `resource_group` are there because older scripts read them; nothing here depends on them. */
function linkOf({ experiment, workspace }: FolderAttachment) {
  return {
    subscription_id: "00000000-0000-0000-0000-000000000000",
    resource_group: "switchyard",
    workspace_name: workspace,
    experiment_name: experiment,
  };
}

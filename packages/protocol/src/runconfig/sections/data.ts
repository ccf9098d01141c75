import { key, optional, record, section } from "../reading/collections.ts";
import { anything, flag, text, word } from "../reading/field.ts";

/** A place on a datastore that a run reads from or writes to. */
const dataReference = section({
  dataStoreName: key(text(null), "datastore"),
  mode: key(word(["Mount", "Download", "Upload"], "Mount"), "how the path is provided"),
  pathOnDataStore: key(text(null), "relative path on the datastore"),
  pathOnCompute: key(text(null), "where it appears; empty: a generated path"),
  overwrite: key(flag(false), "replace existing files"),
});
export const dataReferencesField = record(dataReference);

const dataset = section({
  id: key(text(null), "id of the dataset"),
  name: key(text(null), "name of the dataset"),
  version: key(text(null, { numbers: true }), "version of the dataset"),
});

const dataPath = section({
  datastoreName: key(text(null), "datastore"),
  relativePath: key(text(null), "path on the datastore"),
});

const location = section({
  dataset: key(optional(dataset), "a registered dataset"),
  dataPath: key(optional(dataPath), "a path on a datastore"),
  uri: key(text(null), "an address"),
  type: key(text(null), "kind of the data"),
});

const input = section({
  dataLocation: key(optional(location), "where the data is"),
  mechanism: key(word(["Mount", "Download", "Direct"], "Mount"), "how the script meets it"),
  environmentVariableName: key(text(null), "variable that receives the path; empty: the input's name"),
  pathOnCompute: key(text(null), "where it appears; empty: a generated path"),
  overwrite: key(flag(false), "replace existing files"),
  createOutputDirectories: key(flag(false), "make the folders that the path needs"),
  options: key(anything(), "further options"),
});
/** Dataset inputs by name. */
export const dataField = record(input);

const registration = section({
  name: key(text(null), "name to register the output under"),
  description: key(text(null), "description of the dataset"),
  tags: key(anything(), "tags of the dataset"),
  properties: key(anything(), "properties of the dataset"),
  datasetRegistrationOptions: key(anything(), "further options"),
});

const output = section({
  outputLocation: key(optional(location), "where the data goes"),
  mechanism: key(word(["Mount", "Upload"], "Mount"), "how it gets there"),
  additionalOptions: key(
    optional(
      section({
        pathOnCompute: key(text(null), "where the script writes; empty: a generated path"),
        uploadOptions: key(
          optional(section({ overwrite: key(flag(false), "replace existing files"), sourceGlobs: key(anything(), "which files") })),
          "how files are put there",
        ),
        registrationOptions: key(optional(registration), "how to register the output as a dataset"),
      }),
    ),
    "further options",
  ),
});
/** Dataset outputs by name. */
export const outputDataField = record(output);

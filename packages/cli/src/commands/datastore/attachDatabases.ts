import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { ATTACH_FLAGS, attachDatastore, PRINCIPAL_FLAGS } from "./attach.ts";

const AS_RECORD = "This version keeps it by name and asks nothing of it";
const DATABASE_FLAGS = {
  ...ATTACH_FLAGS,
  serverName: text({ short: "s", required: true, help: "database server", valueName: "NAME" }),
  databaseName: text({ short: "d", required: true, help: "database", valueName: "NAME" }),
  password: text({ short: "p", help: "password; - reads it from standard input; else SWITCHYARD_PASSWORD", valueName: "PASSWORD" }),
} as const;
const USER = { userId: text({ short: "u", required: true, help: "user of the database", valueName: "NAME" }) };
const PORT = { portNumber: text({ help: "port of the database server", valueName: "PORT" }) };

export const attachSqlDb = defineCommand({
  summary: "Register an SQL database of Azure, as a record",
  description: AS_RECORD,
  flags: { ...DATABASE_FLAGS, ...PRINCIPAL_FLAGS, username: text({ help: "user of the database", valueName: "NAME" }) },
  examples: [["switchyard datastore attach-sqldb -n sql -s server -d base --username me", "its password is sealed"]],
  async act(context) {
    const { serverName, databaseName, endpoint, tenantId, clientId, resourceUrl, authorityUrl, username, clientSecret, password } =
      context.flags;
    const settings = { serverName, databaseName, endpoint, tenantId, clientId, resourceUrl, authorityUrl, username };
    await attachDatastore(context, "azureSqlDatabase", settings, { clientSecret, password });
  },
});

export const attachPsqlDb = defineCommand({
  summary: "Register a PostgreSQL database of Azure, as a record",
  description: AS_RECORD,
  flags: { ...DATABASE_FLAGS, ...USER, ...PORT },
  examples: [["switchyard datastore attach-psqldb -n pg -s server -d base -u me -p -", "its password is read from standard input"]],
  async act(context) {
    const { serverName, databaseName, endpoint, userId, portNumber, password } = context.flags;
    await attachDatastore(context, "azurePostgreSql", { serverName, databaseName, endpoint, userId, portNumber }, { password });
  },
});

export const attachMysqlDb = defineCommand({
  summary: "Register a MySQL database of Azure, as a record",
  description: AS_RECORD,
  flags: { ...DATABASE_FLAGS, ...USER, ...PORT },
  examples: [["switchyard datastore attach-mysqldb -n my -s server -d base -u me -p -", "its password is read from standard input"]],
  async act(context) {
    const { serverName, databaseName, endpoint, userId, portNumber, password } = context.flags;
    await attachDatastore(context, "azureMySql", { serverName, databaseName, endpoint, userId, portNumber }, { password });
  },
});

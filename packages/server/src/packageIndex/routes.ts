import { isVendorPackage, normalPackageName } from "@switchyard/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { PROBLEM_TYPE, problemWith } from "../http/problems.ts";
import type { IndexedFile, PackageIndex } from "./packageIndex.ts";

const NO_INDEX_BEHIND = "this server knows no index for others. Its setting packageIndex names one.";
const JSON_TYPE = "application/vnd.pypi.simple.v1+json";

/**
 * An index for pip (PEP 503, and PEP 691 for those who ask for JSON) at /pip/simple/. Like the API's description it asks for
 * no token. For names that are not ours it sends to `upstream`, so that this one index is enough and no other has a say about ours.
 */
export function registerPackageIndex(app: FastifyInstance, index: PackageIndex, upstream: string | null): void {
  const above = upstream?.replace(/\/*$/, "/");
  app.get("/pip/simple/", async (request, reply) => sendProjects(request, reply, index.projects()));
  app.get("/pip/simple", async (_request, reply) => reply.redirect("/pip/simple/", 301));
  app.get<{ Params: { project: string } }>("/pip/simple/:project", async (request, reply) =>
    reply.redirect(`/pip/simple/${encodeURIComponent(normalPackageName(request.params.project))}/`, 301),
  );
  app.get<{ Params: { project: string } }>("/pip/simple/:project/", async (request, reply) => {
    const { project } = request.params;
    const name = normalPackageName(project);
    if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(name)) return notFound(reply, `"${project}" is no name of a package.`);
    if (name !== project) return reply.redirect(`/pip/simple/${name}/`, 301);
    const files = await index.files(name);
    if (files !== undefined) return sendFiles(request, reply, name, files);
    if (isVendorPackage(name)) return notFound(reply, `This index has no package "${name}".`);
    if (above === undefined) return notFound(reply, `"${name}" is not one of Switchyard's packages, and ${NO_INDEX_BEHIND}`);
    return reply.redirect(`${above}${name}/`, 302);
  });
  app.get<{ Params: { file: string } }>("/pip/files/:file", async (request, reply) => {
    const bytes = await index.wheel(request.params.file);
    if (bytes === undefined) return notFound(reply, `This index has no file "${request.params.file}".`);
    return reply.type("application/octet-stream").header("content-length", bytes.length).send(Buffer.from(bytes));
  });
}

function sendProjects(request: FastifyRequest, reply: FastifyReply, names: readonly string[]): FastifyReply {
  if (wantsJson(request)) {
    return reply.type(JSON_TYPE).send(JSON.stringify({ meta: META, projects: names.map((name) => ({ name })) }));
  }
  return sendHtml(
    reply,
    "Packages of this Switchyard server",
    names.map((name) => `<a href="/pip/simple/${name}/">${name}</a>`),
  );
}

const META = { "api-version": "1.1" };
const addressOf = (file: string) => `/pip/files/${encodeURIComponent(file)}`;

function sendFiles(request: FastifyRequest, reply: FastifyReply, name: string, files: readonly IndexedFile[]): FastifyReply {
  if (wantsJson(request)) {
    const listed = files.map(({ file, sha256, size }) => ({ filename: file, url: addressOf(file), hashes: { sha256 }, size }));
    return reply.type(JSON_TYPE).send(JSON.stringify({ meta: META, name, files: listed, versions: files.map(versionIn) }));
  }
  return sendHtml(
    reply,
    `Links for ${name}`,
    files.map(({ file, sha256 }) => `<a href="${addressOf(file)}#sha256=${sha256}">${file}</a>`),
  );
}

const versionIn = ({ file }: IndexedFile) => file.split("-")[1];

function sendHtml(reply: FastifyReply, title: string, links: readonly string[]): FastifyReply {
  const head = `<!DOCTYPE html>\n<html><head><meta name="pypi:repository-version" content="1.0"><title>${title}</title></head><body>\n`;
  return reply.type("text/html; charset=utf-8").send(`${head}${links.join("<br/>\n")}\n</body></html>\n`);
}

/** pip names JSON first among what it takes; a browser does not name it. */
function wantsJson(request: FastifyRequest): boolean {
  return (request.headers.accept ?? "").includes(JSON_TYPE);
}

function notFound(reply: FastifyReply, because: string): FastifyReply {
  const body = problemWith("not_found", because);
  return reply.code(body.status).type(PROBLEM_TYPE).send(JSON.stringify(body));
}

// The OpenAPI document as the page needs it: a flat list of operations, references followed, a call
// with curl, which operations a filter leaves. Pure: nothing here touches the page or the network.

const METHODS = ["get", "post", "put", "patch", "delete"];

export class ApiModel {
  constructor(document) {
    this.document = document;
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => this.#operation(method, path, item[method])));
    this.areas = document.tags.map(({ name, description }) =>
      ({ name, description, operations: this.operations.filter((op) => op.area === name) }));
    this.roles = [...new Set(this.operations.flatMap((op) => op.roles))];
    this.codes = document["x-error-codes"] ?? [];
  }

  // A schema, answer or parameter behind its "$ref", and the name that it has there.
  follow(part) {
    if (!part?.$ref) return { part, name: null };
    const keys = part.$ref.slice(2).split("/");
    return { part: keys.reduce((at, key) => at?.[key], this.document), name: keys.at(-1) };
  }

  #operation(method, path, op) {
    const body = op.requestBody?.content["application/json"];
    return {
      id: op.operationId, method: method.toUpperCase(), path, area: op.tags[0], summary: op.summary,
      description: op.description, deprecated: op.deprecated === true, open: op.security?.length === 0,
      capability: op["x-capability"], roles: op["x-roles"] ?? [],
      parameters: (op.parameters ?? []).map((parameter) => this.follow(parameter).part),
      body: body && Object.keys(body.schema.properties ?? {}).length ? { ...body, required: op.requestBody.required } : null,
      answers: Object.entries(op.responses).map(([status, response]) => this.#answer(status, response)),
    };
  }

  #answer(status, response) {
    const { part } = this.follow(response);
    const [type, content] = Object.entries(part.content ?? {})[0] ?? [];
    return { status, description: part.description, type, schema: content?.schema,
      example: content?.example ?? this.follow(content?.schema).part?.examples?.[0] };
  }
}

// Every word must be somewhere in what one reads of an operation; a role must be one of those.
export function matches(op, { text = "", role = "" }) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const said = [op.method, op.path, op.id, op.summary, op.area, op.capability].join(" ").toLowerCase();
  return words.every((word) => said.includes(word)) && (!role || op.open || op.roles.includes(role));
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

// A line for a shell that has $TOKEN; what stands in braces is for the reader to fill in.
export function curl(op, origin) {
  const query = op.parameters.filter((p) => p.in === "query" && p.required).map((p) => `${p.name}={${p.name}}`).join("&");
  const lines = [`curl -s${op.method === "GET" ? "" : ` -X ${op.method}`} ${quoted(origin + op.path + (query && `?${query}`))}`];
  if (!op.open) lines.push('-H "Authorization: Bearer $TOKEN"');
  if (op.body) lines.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(op.body.example ?? {}))}`);
  return lines.join(" \\\n  ");
}

// "integer, 1 to 20", "text of at most 50 characters", "one of a, b": a schema in a few words.
export function words(schema) {
  const types = [schema.type].flat().filter((type) => type && type !== "null").map((type) => (type === "string" ? "text" : type));
  const said = [schema.format === "date-time" ? "time (ISO 8601)" : schema.format === "date" ? "date" : types.join(" or ")];
  if (schema.enum) said[0] = `one of ${schema.enum.filter((value) => value !== null).join(", ")}`;
  if (schema.const !== undefined) said[0] = `always ${JSON.stringify(schema.const)}`;
  said.push(...bounds(schema));
  if (schema.default !== undefined) said.push(`else ${JSON.stringify(schema.default)}`);
  if ([schema.type].flat().includes("null")) said.push("or null");
  return said.filter(Boolean).join(", ");
}

function bounds({ minimum, maximum, minLength, maxLength, minItems, maxItems }) {
  const range = (low, high, unit) => {
    if (low === undefined && high === undefined) return null;
    if (high === undefined) return `${low} or more${unit}`;
    return low === undefined ? `at most ${high}${unit}` : `${low} to ${high}${unit}`;
  };
  return [range(minimum, maximum, ""), range(minLength, maxLength, " characters"), range(minItems, maxItems, " elements")];
}

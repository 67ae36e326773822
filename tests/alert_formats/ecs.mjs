// SPDX-License-Identifier: Apache-2.0
// node ecs.mjs, where ecs.txt is: each line by the fields that Elastic publishes, of the version that
// the documents name and of the newest.
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const documents = readFileSync("ecs.txt", "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
assert(documents.length > 300, `${documents.length} documents`);

const isText = (value) => typeof value === "string";
const TYPES = {
  keyword: isText, constant_keyword: isText, wildcard: isText, text: isText, match_only_text: isText,
  long: Number.isInteger,
  float: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  date: (value) => isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/.test(value),
};

// Names of allowed values, where a field has some.
const allowed = (field) => field.allowed_values?.map(({ name }) => name) ?? [];

function checkValue(name, field, value) {
  const list = Array.isArray(value);
  assert.equal(list, field.normalize.includes("array"), `${name}: ${list ? "a list" : "no list"}`);
  for (const item of list ? value : [value]) {
    assert(TYPES[field.type](item), `${name} is no ${field.type}: ${JSON.stringify(item)}`);
    const names = allowed(field);
    assert(names.length === 0 || names.includes(item), `${name} may not be ${item}`);
    if (field.pattern) assert.match(item, new RegExp(field.pattern), name);
  }
}

// Own fields are below "capmon".
function checkFields(fields, value, name) {
  if (name === "capmon") return;
  const field = fields[name];
  if (field?.type === "object" || field?.type === "flattened") {
    for (const [key, label] of Object.entries(value)) {
      assert(isText(label), `${name}.${key}`);
      assert(!key.includes("."), `${name}.${key} would be a field in a field`);
    }
  } else if (field) {
    checkValue(name, field, value);
  } else {
    assert(value !== null && typeof value === "object" && !Array.isArray(value), `no field ${name}`);
    for (const [key, member] of Object.entries(value))
      checkFields(fields, member, name === "" ? key : `${name}.${key}`);
  }
}

// The types that are expected with the categories of an event.
function checkTypes(fields, { category, type }) {
  const expected = fields["event.category"].allowed_values
    .filter(({ name }) => category.includes(name))
    .flatMap(({ expected_event_types }) => expected_event_types ?? []);
  for (const one of type) assert(expected.includes(one), `event.type ${one}`);
}

function check(fields, document) {
  checkFields(fields, document, "");
  checkTypes(fields, document.event);
  for (const { flat_name, required } of Object.values(fields))
    if (required) assert(flat_name.split(".").reduce((at, key) => at?.[key], document), flat_name);
}

for (const name of ["ecs-8", "ecs-9"]) {
  const fields = require(`${name}/build/commonjs/ecs_flat.js`).EcsFlat;
  for (const document of documents) check(fields, document);
  // The check itself finds what is wrong.
  const [good] = documents;
  for (const part of [
    { event: { ...good.event, kind: "alarm" } }, { event: { ...good.event, category: "process" } },
    { event: { ...good.event, type: ["start"] , category: ["intrusion_detection"] } },
    { process: { ...good.process, pid: "4211" } }, { process: { ...good.process, path: "/bin/sh" } },
    { "@timestamp": "today" }, { ecs: undefined }, { container: { labels: { "a.b": "c" } } },
    { process: { thread: { capabilities: { effective: ["NET_RAW"] } } } },
  ])
    assert.throws(() => check(fields, JSON.parse(JSON.stringify({ ...good, ...part }))), JSON.stringify(part));
}
console.log(`${documents.length} alerts are valid by ECS 8.11 and 9.4`);

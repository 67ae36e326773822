// SPDX-License-Identifier: Apache-2.0
// Decodes requests of OTLP with OpenTelemetry's own decoder: FILE... in, one line of JSON for each.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.cwd() + "/");
const root = require("@opentelemetry/otlp-transformer/build/src/generated/root.js");
const Request = root.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
for (const file of process.argv.slice(2)) {
  const decoded = Request.decode(readFileSync(file));
  const problem = Request.verify(decoded);
  if (problem) throw new Error(problem);
  console.log(JSON.stringify(Request.toObject(decoded, { longs: String, enums: String })));
}

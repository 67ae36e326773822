// SPDX-License-Identifier: Apache-2.0
// report.junit, as a reader of others sees it, has the counts of report.json.
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { parse } from "junit2json";

const suites = await parse(readFileSync("report.junit", "utf8"));
const report = JSON.parse(readFileSync("report.json", "utf8"));
const fails = (findings) => findings.some((finding) => finding.level !== "note");

let cases = 0;
let failures = 0;
for (const file of report.files) {
  const all = file.containers.map((container) => container.findings);
  if (file.findings.length > 0) all.push(file.findings);
  cases += all.length;
  failures += all.filter(fails).length;
}
assert.equal(suites.tests, cases);
assert.equal(suites.failures, failures);
assert.equal(suites.testsuite.length, report.files.length);
const read = suites.testsuite.flatMap((suite) => suite.testcase ?? []);
assert.equal(read.length, cases);
assert.equal(read.filter((one) => one.failure).length, failures);

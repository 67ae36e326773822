// SPDX-License-Identifier: Apache-2.0
// The settings under test: node TEST WRITER PROFILES WORK.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import yaml from "js-yaml";
import { Chance, profile } from "./pods.mjs";

const [writer, profiles, work] = process.argv.slice(2);
export const WORK = work;
export const KINDS = ["k8s", "k8s-patch", "psa", "vap", "kyverno", "gatekeeper"];

// Settings of all kinds for each profile below `from`, with a function that reads one of them.
function write(from, name) {
  const out = join(work, name);
  mkdirSync(out, { recursive: true });
  execFileSync(writer, [from, out, ...KINDS], { stdio: ["ignore", "ignore", "inherit"] });
  return readdirSync(from).map((file) => {
    const stem = basename(file, ".json");
    const read = (kind) => yaml.loadAll(readFileSync(join(out, `${stem}.${kind}`), "utf8"));
    return { name: stem, profile: JSON.parse(readFileSync(join(from, file))), read };
  });
}

export function madeUp(count) {
  const from = join(work, "made-up");
  mkdirSync(from, { recursive: true });
  const chance = new Chance(7);
  for (let i = 0; i < count; ++i)
    writeFileSync(join(from, `p${i}.json`), JSON.stringify(profile(chance)));
  return write(from, "made-up-settings");
}

export const written = write(profiles, "settings");

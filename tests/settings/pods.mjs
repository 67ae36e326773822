// SPDX-License-Identifier: Apache-2.0
// Pods and profiles made up by the hundred, always the same ones.

export const CAPABILITIES = `CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID
SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER
SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE
SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG
WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`.split(/\s+/);

export class Chance {
  constructor(seed) { this.state = seed; }
  below(limit) {  // xorshift
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % limit;
  }
  of(list) { return list[this.below(list.length)]; }
  some(list, most) {
    return [...new Set(Array.from({ length: this.below(most + 1) }, () => this.of(list)))];
  }
}

// Containers near the border of what `allowed` admits.
function container(chance, allowed, name) {
  const made = { name };
  if (chance.below(12) === 0) return made;
  made.securityContext = {};
  if (chance.below(12) === 0) return made;
  const capabilities = (made.securityContext.capabilities = {});
  if (chance.below(10)) capabilities.drop = chance.of([["ALL"], ["ALL"], ["ALL"], ["ALL", "KILL"], ["KILL"], []]);
  const add = allowed.length ? chance.some(allowed, 4) : [];
  if (chance.below(5) === 0) add.push(chance.of([...CAPABILITIES, "CAP_" + CAPABILITIES[0], "ALL", "net_raw"]));
  if (chance.below(3)) capabilities.add = add;
  if (chance.below(8) === 0) made.securityContext.privileged = chance.below(2) === 0;
  return made;
}

// `name` is one of its containers as a rule, in any of the lists.
export function pod(chance, allowed, name = "c") {
  const any = () => container(chance, allowed, chance.below(3) ? name : "other" + chance.below(3));
  const spec = { containers: Array.from({ length: 1 + chance.below(2) }, any) };
  for (const list of ["initContainers", "ephemeralContainers"])
    if (chance.below(4) === 0) spec[list] = [any()];
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec };
}

export function profile(chance) {
  const commonplace = ["NET_BIND_SERVICE", "NET_BIND_SERVICE", "CHOWN", "SETUID", "KILL", "MKNOD", "NET_RAW"];
  const keep = chance.some(chance.below(2) ? commonplace : CAPABILITIES, 3).sort().map((n) => "CAP_" + n);
  const uid = chance.below(2) ? 1000 : 0;
  return {
    container: { kind: "container", name: "c", pod: "web-0", namespace: "n" },
    recommendation: {
      keep,
      no_new_privileges: chance.of(["safe", "safe", "unsafe", "unknown"]),
      non_root: uid ? "safe" : keep.length ? "unsafe" : "unknown",
    },
    confidence: { state: "stable" },
    held: { uid, seccomp: chance.below(3) ? "filter" : "none", bounding: chance.below(6) ? keep : CAPABILITIES.map((n) => "CAP_" + n) },
  };
}

// SPDX-License-Identifier: Apache-2.0
// Profiles with every kind of row.
#pragma once

#include "daemon/profile/profile.h"

namespace capmon {

inline CheckEvidence Evidence(Capability capability) {
  CheckEvidence e;
  e.key.capability = capability;
  e.key.granted = true;
  e.key.traits = kHeld | kHarmless;
  e.key.exe_origin = ExeOrigin::kOwn;
  e.key.target_level = 3;
  e.key.exe = 4'000'000'000u;
  e.key.site = "inet_create";
  e.key.syscall = "socket";
  e.counts = {10, 7, 3, (uint64_t{1} << 63) | 2};
  e.first = 5;
  e.last = 6;
  e.binary = "/bin/\xff\x1b[31m";
  e.callers = {"inet_create", "__sock_create"};
  e.stacks = {{"inet_create", "__sock_create"}, {"inet_create"}};
  e.comm = "ping";
  e.inner_cgroups = {"a/b", "c"};
  e.pid = 77;
  e.uid = 4'294'967'295u;
  return e;
}

inline Container FullContainer() {
  Container c;
  c.key = "42@7";
  c.kind = ContainerKind::kContainer;
  c.id = "id";
  c.name = "web";
  c.runtime = "docker";
  c.image = "nginx:1";
  c.pod = "pod";
  c.pod_namespace = "ns";
  c.pod_uid = "uid";
  c.workload = "deploy/web";
  c.workload_inferred = true;
  c.description = "a web server";
  c.cgroup_path = "/docker/id";
  c.cgroup = uint64_t{1} << 63;
  c.labels = {{"a", "b"}};
  c.privileged = true;
  c.first_seen = 7;
  c.from_start = true;
  c.name_source = "docker";
  c.granted.emplace();
  c.granted->bounding = CapabilitySet(3);
  c.granted->source = "oci";
  return c;
}

inline HeldSets FullSets() {
  HeldSets held;
  held.permitted = CapabilitySet(1);
  held.effective = CapabilitySet(2);
  held.inheritable = CapabilitySet(3);
  held.bounding = CapabilitySet(~uint64_t{0});
  held.ambient = CapabilitySet(5);
  held.uid = 6;
  held.no_new_privs = true;
  held.seccomp_mode = 2;
  held.userns_level = 1;
  held.path = "/bin/sh";
  return held;
}

// What data/v1.db holds: it never changes. New fields go into FullProfile().
inline Profile Version1Profile() {
  Profile p;
  p.container = FullContainer();
  p.held = FullSets();
  for (const Capability c : {1, 13}) p.checks[Evidence(c).key] = Evidence(c);
  PrivilegeGain& gain = p.gains["set-user-ID /bin/su"];
  gain.path = "/bin/su";
  gain.how = "set-user-ID";
  gain.gained = CapabilitySet(9);
  gain.blocked = true;
  gain.count = 4;
  p.capset_permitted = CapabilitySet(11);
  p.surroundings = {{"net.ipv4.ping_group_range", "0 1"}};
  p.binaries = {{8, "/bin/ping"}, {9, ""}};
  p.losses = {{"map-full", 12}};
  p.gaps = {{1, 2, "capmond did not run"}, {3, 4, "once more"}};
  p.observed_from = 13;
  p.observed_until = 14;
  p.last_news = 15;
  p.baseline = 16;
  p.starts = 17;
  p.evidence_dropped = 18;
  return p;
}

inline Profile FullProfile() {
  Profile p = Version1Profile();
  p.container.root = "/var/lib/merged";
  p.container.image_digest = "sha256:abc";
  p.container.entrypoint = "/entry.sh";
  p.container.command = "c0ffee";
  p.entry_arguments = 4'000'000'000u;
  p.container.workload_label = "shop";
  p.container.engine = "/run/docker2.sock";
  p.container.filter = CallFilter{true, 5};
  p.raised = CapabilitySet(12);
  p.raised_by = "setpriv";
  p.files = {{8, {"/bin/ping", true, CapabilitySet(13), true}},
             {9, {"/bin/hidden", false, {}, false}}};
  p.refusals = {{"exec /bin/x", {"/bin/x", "exec", CapabilitySet(14), 2}}};
  p.calls = {{"unshare", {"unshare", true, true}}};
  p.unwatched = 19;
  p.checks.begin()->second.unwatched = 5;
  p.shutdowns = 22;
  p.folded = {20, {{13, 21}, {1, 2}}, {23, ~uint64_t{0}}};
  p.user_map = {{0, 100000, 65536}, {65536, 1000, 1}};
  return p;
}

}  // namespace capmon

// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/event_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace capmon {
namespace {

using testing::HasSubstr;

CheckKey SomeKey() {
  CheckKey key;
  key.cgroup = 4711;
  key.capability = 13;
  key.granted = true;
  key.traits = kHeld | kCompat;
  key.exe_origin = ExeOrigin::kOwn;
  key.target_level = 1;
  key.exe = 99;
  key.site = "inet_create";
  key.syscall = "socket";
  return key;
}

std::vector<KernelEvent> OneOfEach() {
  ProcessExec exec;
  exec.time = 6;
  exec.cgroup = 1;
  exec.pid = 2;
  exec.path = "/opt/a b/c=d%,e\n";
  exec.bounding = CapabilitySet(~uint64_t{0});
  exec.exe_origin = ExeOrigin::kNone;
  exec.file_known = exec.file_effective = true;
  exec.arguments = 4'000'000'000u;
  exec.file_permitted = CapabilitySet{8};
  exec.before_known = exec.no_new_privs = exec.set_id_file = true;
  ContainerDescribed described;
  described.time = 8;
  described.container_id = "abc";
  described.labels = {{"a:b", "c,d"}, {"", "empty key"}, {"empty value", ""}};
  described.workload_inferred = true;
  described.runtime = "cri-o";
  described.pod_uid = "6f1c";
  described.cgroup_path = "/a b/c";
  described.description = "A unit, of sorts";
  HeldSets& held = described.held.emplace();
  held.bounding = CapabilitySet{7};
  held.ambient = CapabilitySet{1};
  held.uid = 101;
  held.no_new_privs = true;
  held.seccomp_mode = 2;
  held.path = "/bin/sh";
  held.source = "oci";
  described.image_digest = "sha256:1f2e";
  described.entrypoint = "/a b";
  described.command = "c0ffee";
  described.workload_label = "shop=web";
  described.root = "/var/lib/some where/merged";
  described.filter = CallFilter{true, 5};
  return {
      SourceStarted{1, "tp_btf", "6.18", "v2", true, {"one, two", "three"}},
      CgroupMade{2, 18446744073709551615ull, "/docker/\xff\x01 ü", true},
      CgroupRemoved{3, 7},
      ChecksCounted{4, SomeKey(), {10, 3, 2, uint64_t{1} << 63}, 3},
      CheckSampled{5, SomeKey(), 1, 2, 3, "a b", "ping", {"inet_create", "__sock_create"}},
      exec,
      CapabilitiesSet{7, 1, 2, ExeOrigin::kOwn, CapabilitySet{1}, CapabilitySet{2},
                      CapabilitySet{3}, CapabilitySet{4}, CapabilitySet{5}, true, true, true, 1,
                      "capsh"},
      described,
      SurroundingsSeen{9, 1, {{"net.ipv4.ping_group_range", "1 0"}}},
      ProfileReset{9, "42@7"},
      BaselineSet{9, "unit:a b.service"},
      EvidenceLost{10, "map-full", 0, 12},
      DataRead{10, 42, 3},
      MapUsage{10, 61, 1024, 3, {{"77", "61"}}},
      Tick{11},
      FileRead{12, 1, 9, "/bin/a b", true, CapabilitySet{4}, true},
      ExecRefused{13, 1, 2, 3, "sh", "/bin/ping", CapabilitySet{5}, true, CapabilitySet{6}, true},
      CallNoticed{14, 1, 2, 3, "unshare", "unshare", true},
      UserMapRead{15, 1, 1, {{0, 100000, 65536}, {65536, 4294967295, 1}}},
      WorkloadApproved{16, "compose:shop/web", "alice (uid 1000)", true},
      RowImported{17,
                  "compose:shop/web",
                  "sha256:a",
                  "id 2026-01-31T12:00:00Z",
                  "web.yaml",
                  "alice",
                  true,
                  7200,
                  true,
                  true,
                  3,
                  4,
                  "safe",
                  "unsafe",
                  {{"NET_RAW", "required"}},
                  CapabilitySet{1},
                  CapabilitySet{2},
                  CapabilitySet{3},
                  {{"net.ipv4.ping_group_range", "1 0"}}},
      ProofRecorded{18,
                    "docker:web",
                    13,
                    "unneeded",
                    "the job was done without it, 3 times",
                    "sha256:a",
                    CapabilitySet{1},
                    {"inet_create socket /bin/ping, 1", "b"},
                    "curl x",
                    "1.0",
                    "alice (uid 1000)",
                    {{"command", "c0ffee"}, {"user", "0"}}},
  };
}

TEST(EventText, EveryEventSurvivesTheRoundTrip) {
  for (const KernelEvent& event : OneOfEach()) {
    const std::string line = ToText(event);
    const auto back = FromText(line);
    ASSERT_TRUE(back.ok()) << line << ": " << back.status();
    EXPECT_EQ(back->index(), event.index());
    EXPECT_EQ(ToText(*back), line);
  }
}

TEST(EventText, ThereIsOneExampleOfEveryEvent) {
  std::set<size_t> kinds;
  for (const KernelEvent& event : OneOfEach()) kinds.insert(event.index());
  EXPECT_EQ(kinds.size(), std::variant_size_v<KernelEvent>);
}

TEST(EventText, ALineIsOneLineAndReadable) {
  for (const KernelEvent& event : OneOfEach())
    EXPECT_EQ(ToText(event).find('\n'), std::string::npos);
  EXPECT_EQ(ToText(ChecksCounted{4, SomeKey(), {10, 0, 0, 0}}),
            "check t=4 cgroup=4711 cap=CAP_NET_RAW granted=1 site=inet_create syscall=socket "
            "traits=136 origin=own exe=99 level=1 count=10");
}

TEST(EventText, KeysComeBackEqual) {
  const auto back = FromText(ToText(ChecksCounted{4, SomeKey(), {1, 0, 0, 0}}));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(std::get<ChecksCounted>(*back).key, SomeKey());
}

TEST(EventText, WhatIsWrongIsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "not an event"},
      {"flood t=1", "unknown event"},
      {"clock t=x", "malformed value of \"t\""},
      {"clock t=1 t=2", "not an event"},
      {"clock t=1 colour=red", "unknown member \"colour\""},
      {"clock nonsense", "not an event"},
      {"check t=1 cap=CAP_NOTHING", "malformed value of \"cap\""},
      {"check t=1 cap=CAP_CHOWN origin=moon", "malformed value of \"origin\""},
      {"check t=1 cap=CAP_CHOWN site=%4", "malformed value of \"site\""},
      {"check t=1 cap=CAP_CHOWN granted=yes", "malformed value of \"granted\""},
      {"check t=1 cap=CAP_CHOWN count=99999999999999999999", "malformed value of \"count\""},
      {"container t=1 labels=x", "malformed value of \"labels\""},
  };
  for (const auto& [line, expected] : cases) {
    const auto event = FromText(line);
    ASSERT_FALSE(event.ok()) << line;
    EXPECT_THAT(std::string(event.status().message()), HasSubstr(expected)) << line;
  }
}

}  // namespace
}  // namespace capmon

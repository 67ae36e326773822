// SPDX-License-Identifier: Apache-2.0
// The config.json of a run of an OCI bundle.
#include "client/run/oci_bundle.h"

#include <gmock/gmock.h>

namespace capmon {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Capability kChown = 0, kDacRead = 2, kNetBind = 10;

json Original() {
  return json::parse(R"({
    "process": {"args": ["web"], "terminal": true, "consoleSize": {"height": 1},
                "capabilities": {"bounding": ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"],
                                 "permitted": ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"],
                                 "effective": ["CAP_CHOWN"], "ambient": []}},
    "root": {"path": "rootfs"},
    "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
               {"destination": "/data", "type": "none", "source": "data",
                "options": ["rbind", "rw"]}],
    "linux": {"namespaces": [{"type": "network"}, {"type": "pid"}]}})");
}

BundleConfig Twin(const BundleTwin& twin, const json& original = Original()) {
  auto made = ConfigOfTwin(original, twin);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.ok() ? *made : BundleConfig{};
}

TEST(ConfigOfTwin, HasTheSetAndOtherwiseTheSameLists) {
  const BundleConfig twin =
      Twin({.bundle = "/b", .root = "/copy", .cgroup = "/c-1", .set = Confinement{{kNetBind}}});
  const json& sets = twin.config.at("process").at("capabilities");
  EXPECT_EQ(sets.at("bounding"), json({"CAP_NET_BIND_SERVICE"}));
  EXPECT_EQ(sets.at("permitted"), json({"CAP_NET_BIND_SERVICE"}));
  EXPECT_THAT(sets.at("effective"), IsEmpty());
  EXPECT_THAT(sets.at("ambient"), IsEmpty());
  EXPECT_FALSE(twin.config.at("process").contains("noNewPrivileges"));
  EXPECT_EQ(twin.config.at("root").at("path"), "/copy");
  EXPECT_EQ(twin.original_root, "/b/rootfs");
  EXPECT_EQ(twin.config.at("linux").at("cgroupsPath"), "/c-1");
  EXPECT_EQ(twin.config.at("process").at("terminal"), false);
  // The original's own set.
  EXPECT_EQ(Twin({.bundle = "/b"}).config.at("process").at("capabilities"),
            Original().at("process").at("capabilities"));
}

TEST(ConfigOfTwin, WhatReplacesAnotherGoesWhereThatWas) {
  const BundleConfig twin = Twin(
      {.bundle = "/b", .set = Confinement{.keep = {kChown, kDacRead}, .no_new_privileges = true}});
  const json& sets = twin.config.at("process").at("capabilities");
  EXPECT_EQ(sets.at("bounding"), json({"CAP_CHOWN", "CAP_DAC_READ_SEARCH"}));
  EXPECT_EQ(sets.at("effective"), json({"CAP_CHOWN", "CAP_DAC_READ_SEARCH"}));
  EXPECT_THAT(sets.at("ambient"), IsEmpty());
  EXPECT_EQ(twin.config.at("process").at("noNewPrivileges"), true);
}

TEST(ConfigOfTwin, BindMountsAreReadOnlyAndFoundFromElsewhere) {
  const json mount = Twin({.bundle = "/b"}).config.at("mounts")[1];
  EXPECT_EQ(mount.at("source"), "/b/data");
  EXPECT_EQ(mount.at("options"), json({"rbind", "ro"}));
  EXPECT_FALSE(Twin({.bundle = "/b"}).config.at("mounts")[0].contains("options"));
  const BundleConfig sharing = Twin({.bundle = "/b", .share_volumes = true});
  EXPECT_EQ(sharing.config.at("mounts")[1].at("options"), json({"rbind", "rw"}));
}

TEST(ConfigOfTwin, DifferencesAreNoted) {
  EXPECT_THAT(Twin({.bundle = "/b"}).notes, SizeIs(2));  // no terminal, read-only
  json shared = Original();
  shared["linux"]["namespaces"][0]["path"] = "/proc/1/ns/net";
  EXPECT_THAT(Twin({.bundle = "/b"}, shared).notes.back(), HasSubstr("ports have to be free"));
}

TEST(ConfigOfTwin, WhatIsNoContainerIsRefused) {
  for (const char* text : {"null", "[]", "{}", R"({"process": {}})", R"({"root": {"path": "x"}})"})
    EXPECT_EQ(ConfigOfTwin(json::parse(text), {.bundle = "/b"}).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  // Odd values within are left to the runtime.
  json odd = Original();
  odd["process"]["capabilities"] = {{"bounding", 3}, {"effective", {1, 2}}};
  odd["mounts"] = {1, {{"options", 4}}};
  EXPECT_TRUE(ConfigOfTwin(odd, {.bundle = "/b", .set = Confinement{}}).ok());
}

}  // namespace
}  // namespace capmon

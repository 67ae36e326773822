// SPDX-License-Identifier: Apache-2.0
#include "client/run/docker_twin.h"

#include <gmock/gmock.h>

namespace capmon {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Capability kChown = 0, kNetRaw = 13;

// The parts of an inspected container that matter here.
json Inspected() {
  return json::parse(R"({
    "Id": "0123456789abcdef", "Image": "sha256:feed", "Mounts": [],
    "Config": {"Image": "web:1", "Hostname": "0123456789ab", "Cmd": ["run"], "Env": ["A=b"],
               "Labels": {"team": "x"}},
    "HostConfig": {"CapAdd": ["SYS_ADMIN"], "CapDrop": null, "Privileged": false,
                   "NetworkMode": "none", "SecurityOpt": null, "Memory": 536870912,
                   "AutoRemove": true, "RestartPolicy": {"Name": "always"}, "PortBindings": {}},
    "NetworkSettings": {"Networks": {"none": {}}}})");
}

TEST(SettingsForTwin, ChangesTheCapabilitiesAndKeepsTheRest) {
  const TwinSettings twin = SettingsForTwin(Inspected(), {.keep = {kChown, kNetRaw}});
  const json& host = twin.body.at("HostConfig");
  EXPECT_EQ(host.at("CapDrop"), json({"ALL"}));
  EXPECT_EQ(host.at("CapAdd"), json({"CAP_CHOWN", "CAP_NET_RAW"}));
  EXPECT_EQ(host.at("Privileged"), false);
  EXPECT_EQ(host.at("Memory"), 536870912);
  EXPECT_EQ(host.at("NetworkMode"), "none");
  EXPECT_EQ(twin.body.at("Cmd"), json({"run"}));
  EXPECT_EQ(twin.body.at("Env"), json({"A=b"}));
  EXPECT_EQ(twin.body.at("Labels"), (json{{"team", "x"}, {"capmon.verify", "1"}}));
  EXPECT_THAT(twin.notes, IsEmpty());
}

TEST(SettingsForTwin, StaysUntilItIsRemovedAndIsNoLookalike) {
  const TwinSettings twin = SettingsForTwin(Inspected(), {});
  EXPECT_EQ(twin.body.at("HostConfig").at("AutoRemove"), false);
  EXPECT_EQ(twin.body.at("HostConfig").at("RestartPolicy").at("Name"), "no");
  EXPECT_EQ(twin.body.at("HostConfig").at("CapAdd"), json::array());
  EXPECT_EQ(twin.body.at("Image"), "sha256:feed");
  EXPECT_FALSE(twin.body.contains("Hostname"));
}

TEST(SettingsForTwin, ForbidsNewPrivilegesWhereThatIsSafe) {
  json inspected = Inspected();
  inspected["HostConfig"]["SecurityOpt"] = {"seccomp=unconfined", "no-new-privileges:false"};
  EXPECT_EQ(SettingsForTwin(inspected, {}).body.at("HostConfig").at("SecurityOpt"),
            inspected["HostConfig"]["SecurityOpt"]);
  EXPECT_EQ(SettingsForTwin(inspected, {.keep = {}, .no_new_privileges = true})
                .body.at("HostConfig")
                .at("SecurityOpt"),
            json({"seccomp=unconfined", "no-new-privileges"}));
}

TEST(SettingsForTwin, NotesWhereTheTwinDiffers) {
  json inspected = Inspected();
  inspected["HostConfig"]["PortBindings"]["80/tcp"] = json::array();
  inspected["HostConfig"]["Privileged"] = true;
  inspected["Mounts"].push_back(json::object());
  inspected["NetworkSettings"]["Networks"]["other"] = json::object();
  const TwinSettings twin = SettingsForTwin(inspected, {});
  EXPECT_THAT(twin.notes, ElementsAre(HasSubstr("publishes no ports"), HasSubstr("not privileged"),
                                      HasSubstr("shares"), HasSubstr("networks")));
  EXPECT_FALSE(twin.body.at("HostConfig").contains("PortBindings"));
}

TEST(SettingsForTwin, LeavesTheHostnameToTheContainerThatLendsTheNetwork) {
  json inspected = Inspected();
  inspected["Config"]["Hostname"] = "chosen";
  EXPECT_EQ(SettingsForTwin(inspected, {}).body.at("Hostname"), "chosen");
  inspected["HostConfig"]["NetworkMode"] = "container:fedc";
  EXPECT_FALSE(SettingsForTwin(inspected, {}).body.contains("Hostname"));
}

TEST(SettingsForTwin, SurvivesWhatIsMissing) {
  const TwinSettings twin =
      SettingsForTwin(json{{"Config", json::object()}, {"HostConfig", json::object()}}, {});
  EXPECT_EQ(twin.body.at("HostConfig").at("CapDrop"), json({"ALL"}));
}

}  // namespace
}  // namespace capmon

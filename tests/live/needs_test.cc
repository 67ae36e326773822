// SPDX-License-Identifier: Apache-2.0
// Needs that no capability check shows, because the kernel compares sets. Where it is cheap, the
// job is repeated with exactly the recommended set, and with less.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "daemon/model/capability.h"
#include "generated/build_paths.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/bpf_objects.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;

using Set = std::set<std::string>;

const std::vector<std::string> kSome = {"CAP_CHOWN",  "CAP_NET_BIND_SERVICE", "CAP_NET_RAW",
                                        "CAP_SETGID", "CAP_SETUID",           "CAP_SETPCAP"};

class NeedsTest : public WatchedTest {
 protected:
  void SetUp() override {
    WatchedTest::SetUp();
    if (!CanRun()) return;
    rootfs_ = directory_ / "rootfs";
    ASSERT_TRUE(MakeTriggerRootfs(rootfs_).ok());
    for (const char* copy : {"/bin/needs", "/bin/carries", "/bin/lazy", "/bin/helper"})
      std::filesystem::copy_file(CAPMON_BINARY_DIR "/bin/needs", rootfs_ + copy);
    ASSERT_TRUE(Carry(rootfs_ + "/bin/carries", CAP_NET_BIND_SERVICE, true));
    ASSERT_TRUE(Carry(rootfs_ + "/bin/lazy", CAP_NET_BIND_SERVICE, false));
    ASSERT_EQ(chmod((rootfs_ + "/bin/helper").c_str(), 04755), 0);
  }

  ContainerSpec Spec(const std::vector<std::string>& command, uint32_t uid = 0) const {
    ContainerSpec spec{rootfs_, command, kSome};
    spec.command.insert(spec.command.begin(), "/bin/needs");
    spec.uid = uid;
    return spec;
  }

  // File capabilities can be read only while the container exists. Waits briefly: the test finds
  // files that cannot be read.
  static void WaitForFiles(const std::string& id) {
    (void)Eventually(
        [&] {
          const json profile = daemon().Json({"profile", id});
          return profile.is_object() &&
                 profile.at("recommendation").at("warnings").dump().find("could not be read") ==
                     std::string::npos;
        },
        std::chrono::seconds(2));
  }

  // Does the job and returns its output. The profile is that of the ended container.
  static std::string Do(const ContainerSpec& spec, json& profile) {
    auto container = RuncContainer::Start(spec);
    if (!container.ok()) return std::string(container.status().message());
    const bool said = Eventually([&] { return !container->process().out().empty(); });
    const std::string out = container->process().out();
    if (said) WaitForFiles(container->id());
    container->process().CloseInput();
    (void)container->process().Wait();
    profile = FinalProfile(daemon(), container->id());
    return said ? out : container->process().err();
  }
  static std::string DoWith(ContainerSpec spec, const Set& capabilities) {
    spec.capabilities.assign(capabilities.begin(), capabilities.end());
    json ignored;
    return Do(spec, ignored);
  }

  const TempDir directory_;
  std::string rootfs_;
};

// A program that ends before capmond reads its file, in a root file system that no runtime reports.
TEST_F(NeedsTest, WhatAFileThatCouldNotBeReadCarriesIsUnknown) {
  json profile;
  for (int attempt = 0; attempt < 20; ++attempt) {
    auto container = RuncContainer::Start({rootfs_, {"/bin/trigger", "CHOWN"}, kSome});
    ASSERT_TRUE(container.ok()) << container.status();
    ASSERT_EQ(container->process().Wait().value_or(-1), 0) << container->process().err();
    profile = FinalProfile(daemon(), container->id());
    const json& advice = profile.at("recommendation");
    const bool unread =
        std::string(advice.at("unknown_reason")).find("could not be read") != std::string::npos;
    EXPECT_EQ(unread, !advice.at("unknown").empty()) << profile.dump(1);
    EXPECT_EQ(unread, advice.at("remove").empty()) << profile.dump(1);
    EXPECT_EQ(Keep(profile), Set{"CAP_CHOWN"});
    if (unread) {
      EXPECT_EQ(Row(profile, "CAP_SETPCAP").at("verdict"), "unknown");
    }
  }
}

// User 33 of a user namespace whose user 0 is user 100000 of the host.
TEST_F(NeedsTest, TheUserOfAUserNamespaceIsTheOneInside) {
  ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
  for (const uint32_t uid : {0u, 33u}) {
    ContainerSpec spec = Spec({"wait"}, uid);
    spec.command = {"/bin/trigger", "wait"};
    spec.first_id = 100000;
    spec.capabilities = {};  // so that only the map distinguishes user 0
    auto container = RuncContainer::Start(spec);
    ASSERT_TRUE(container.ok()) << container.status();
    const json profile = ProfileOnce(daemon(), container->id(), [](const json& now) {
      return now.contains("held") && now.at("held").contains("inside_uid");
    });
    ASSERT_TRUE(profile.contains("held")) << container->process().err();
    EXPECT_EQ(profile.at("held").at("uid"), 100000 + uid) << profile.dump(1);
    EXPECT_EQ(profile.at("held").at("inside_uid"), uid) << profile.dump(1);
    const json& advice = profile.at("recommendation");
    EXPECT_EQ(advice.at("non_root"), uid == 0 ? "unknown" : "safe") << profile.dump(1);
    container->process().CloseInput();
    (void)container->process().Wait();
  }
}

TEST_F(NeedsTest, AFileThatCarriesACapabilityNeedsItToStart) {
  for (const uint32_t uid : {0u, 1000u})
    for (const bool no_new_privs : {false, true}) {
      ContainerSpec spec = Spec({"execute", "/bin/carries"}, uid);
      spec.no_new_privs = no_new_privs;
      json profile;
      EXPECT_EQ(Do(spec, profile), "0\n");
      EXPECT_EQ(Keep(profile), Set{"CAP_NET_BIND_SERVICE"}) << uid << profile.dump(1);
      EXPECT_EQ(Row(profile, "CAP_NET_BIND_SERVICE").at("verdict"), "constraint");
      EXPECT_EQ(DoWith(spec, Keep(profile)), "0\n");
      EXPECT_EQ(DoWith(spec, {"CAP_CHOWN"}), "126\n");
    }
}

// Each ends before capmond gets to it, and its path leads to another file or nowhere.
TEST_F(NeedsTest, AFileInAnotherRootIsReadWhenItsProgramHasEnded) {
  std::filesystem::create_directories(rootfs_ + "/srv/jail/bin");
  for (const char* name : {"/bin/carries", "/bin/needs"})
    std::filesystem::copy_file(CAPMON_BINARY_DIR "/bin/needs", rootfs_ + "/srv/jail" + name);
  ASSERT_TRUE(Carry(rootfs_ + "/srv/jail/bin/carries", CAP_SETPCAP, true));
  for (int attempt = 0; attempt < 5; ++attempt)
    for (const auto& [how, capability] :
         {std::pair("execute-in", "CAP_SYS_CHROOT"), std::pair("execute-pivoted", "CAP_SYS_ADMIN")})
      for (const std::string name : {"/bin/carries", "/bin/needs"}) {
        ContainerSpec spec = Spec({how, "/srv/jail", name});
        spec.capabilities.push_back(capability);
        json profile;
        EXPECT_EQ(Do(spec, profile), "0\n") << how;
        Set needed = {capability};
        if (name == "/bin/carries") needed.insert("CAP_SETPCAP");
        EXPECT_EQ(Keep(profile), needed) << how << profile.dump(1);
        EXPECT_TRUE(profile.at("recommendation").at("unknown").empty()) << how << profile.dump(1);
      }
}

TEST_F(NeedsTest, AFileWithoutTheEffectiveBitNeedsNothing) {
  for (const uint32_t uid : {0u, 1000u}) {
    const ContainerSpec spec = Spec({"execute", "/bin/lazy"}, uid);
    json profile;
    EXPECT_EQ(Do(spec, profile), "0\n");
    EXPECT_EQ(Keep(profile), Set{}) << uid << profile.dump(1);
    EXPECT_EQ(DoWith(spec, {"CAP_CHOWN"}), "0\n");
  }
}

TEST_F(NeedsTest, ADeniedExecNamesTheFilesCapabilities) {
  ContainerSpec spec = Spec({"execute", "/bin/carries"});
  spec.capabilities = {"CAP_CHOWN"};
  json profile;
  EXPECT_EQ(Do(spec, profile), "126\n");
  const json row = Row(profile, "CAP_NET_BIND_SERVICE");
  EXPECT_EQ(row.value("verdict", ""), "missing") << profile.dump(1);
  EXPECT_THAT(row.value("reason", ""), HasSubstr("/bin/carries has it"));
}

TEST_F(NeedsTest, ADeniedExecOfA32BitProgramNamesTheFilesCapabilities) {
  ContainerSpec spec = Spec({"execute32", "/bin/carries"});
  spec.capabilities = {"CAP_CHOWN"};
  json profile;
  EXPECT_EQ(Do(spec, profile), "126\n");
  EXPECT_EQ(Row(profile, "CAP_NET_BIND_SERVICE").value("verdict", ""), "missing")
      << profile.dump(1);
}

TEST_F(NeedsTest, WhatNoNewPrivilegesHoldsBackIsNamed) {
  ContainerSpec spec = Spec({"execute", "/bin/carries"}, 1000);
  spec.no_new_privs = true;
  json profile;
  EXPECT_EQ(Do(spec, profile), "0\n");
  EXPECT_THAT(profile.at("recommendation").at("no_new_privileges_reason").get<std::string>(),
              HasSubstr("prevents /bin/carries from gaining NET_BIND_SERVICE"));
}

TEST_F(NeedsTest, WhatIsRaisedMustBeHeld) {
  const ContainerSpec spec = Spec({"inherit", std::to_string(CAP_NET_BIND_SERVICE)});
  json profile;
  EXPECT_EQ(Do(spec, profile), "0\n");
  EXPECT_TRUE(Keep(profile).contains("CAP_NET_BIND_SERVICE")) << profile.dump(1);
  EXPECT_EQ(DoWith(spec, Keep(profile)), "0\n");
  EXPECT_EQ(DoWith(spec, {"CAP_CHOWN"}), "127\n");
}

TEST_F(NeedsTest, ADeniedAmbientCapabilityIsNamed) {
  if (!KernelTellsResults()) GTEST_SKIP() << "this kernel does not tell of prctl(2)";
  for (const char* raise : {"raise", "raise32"}) {
    json profile;
    EXPECT_EQ(Do(Spec({raise, std::to_string(CAP_NET_BIND_SERVICE)}), profile), "1\n");
    EXPECT_THAT(Row(profile, "CAP_NET_BIND_SERVICE").value("reason", ""),
                HasSubstr("prctl(2), as an ambient capability"))
        << raise;
  }
}

TEST_F(NeedsTest, DroppingTheSavedIdIsProtected) {
  ContainerSpec spec = Spec({"drop-saved"}, 1000);
  spec.command[0] = "/bin/helper";
  json profile;
  EXPECT_EQ(Do(spec, profile), "0\n");
  EXPECT_EQ(Keep(profile), Set{"CAP_SETUID"}) << profile.dump(1);
  EXPECT_THAT(Row(profile, "CAP_SETUID").value("reason", ""), HasSubstr("protects"));
  EXPECT_EQ(DoWith(spec, Keep(profile)), "0\n");
  EXPECT_EQ(DoWith(spec, {"CAP_CHOWN"}), "1\n");  // root again
}

TEST_F(NeedsTest, RequestingWhatAProgramHasIsNoNeed) {
  const ContainerSpec spec = Spec({"look-and-drop", std::to_string(CAP_NET_RAW)});
  json profile;
  EXPECT_EQ(Do(spec, profile), "0\n");
  EXPECT_EQ(Keep(profile), Set{}) << profile.dump(1);
  EXPECT_EQ(DoWith(spec, {"CAP_CHOWN"}), "0\n");
}

TEST_F(NeedsTest, RequestingThroughA32BitCallWhatAProgramHasIsNoNeed) {
  const ContainerSpec spec = Spec({"look-and-drop32", std::to_string(CAP_NET_RAW)});
  json profile;
  EXPECT_EQ(Do(spec, profile), "0\n");
  EXPECT_EQ(Keep(profile), Set{}) << profile.dump(1);
}

TEST_F(NeedsTest, InsistingIs) {
  for (const char* insist : {"insist", "insist32"}) {
    const ContainerSpec spec = Spec({insist, std::to_string(CAP_NET_RAW)});
    json profile;
    EXPECT_EQ(Do(spec, profile), "0\n");
    if (!KernelTellsResults()) GTEST_SKIP() << "this kernel does not tell of capset(2)";
    EXPECT_EQ(Keep(profile), Set{"CAP_NET_RAW"}) << insist << profile.dump(1);
    EXPECT_EQ(DoWith(spec, Keep(profile)), "0\n");
    json refused;
    ContainerSpec less = spec;
    less.capabilities = {"CAP_CHOWN"};
    EXPECT_EQ(Do(less, refused), "1\n");
    EXPECT_EQ(Row(refused, "CAP_NET_RAW").value("verdict", ""), "missing")
        << insist << refused.dump(1);
  }
}

}  // namespace
}  // namespace capmon

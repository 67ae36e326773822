// SPDX-License-Identifier: Apache-2.0
// Containers of a real Docker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/live/docker_watched_test.h"
#include "tests/live/profile_json.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::IsSupersetOf;

const std::set<std::string> kDockersDefault = {
    "CAP_AUDIT_WRITE", "CAP_CHOWN",   "CAP_DAC_OVERRIDE",     "CAP_FOWNER",    "CAP_FSETID",
    "CAP_KILL",        "CAP_MKNOD",   "CAP_NET_BIND_SERVICE", "CAP_NET_RAW",   "CAP_SETFCAP",
    "CAP_SETGID",      "CAP_SETPCAP", "CAP_SETUID",           "CAP_SYS_CHROOT"};

class DockerTest : public DockerWatchedTest {};

TEST_F(DockerTest, PrivilegedAndIdleNeedsNothing) {
  RunScript("idle", {"--privileged"}, "ls / >/dev/null; sleep 1; ls -l /bin >/dev/null");
  if (!CanRun()) return;
  const json profile = ProfileOnce(daemon(), "idle", [](const json& now) {
    return Number(Row(now, "CAP_SYS_ADMIN"), "checks") > 0 && now.contains("held");
  });
  ASSERT_TRUE(profile.is_object()) << daemon().Capmon({"profile", "idle"}).err;
  EXPECT_EQ(Keep(profile), std::set<std::string>{}) << profile.dump(1);
  EXPECT_EQ(NeededByVerdict(profile), std::set<std::string>{}) << profile.dump(1);
  const std::string verdict = Row(profile, "CAP_SYS_ADMIN").at("verdict");
  EXPECT_TRUE(verdict == "noise" || verdict == "runtime-only" || verdict == "unused") << verdict;
  EXPECT_TRUE(Row(profile, "CAP_SYS_ADMIN").at("granted"));
  EXPECT_TRUE(profile.at("container").at("privileged"));
}

TEST_F(DockerTest, AnOrdinaryContainerKeepsWhatItsWorkUses) {
  RunScript("worker", {},
            "touch /srv/file && chown worker /srv/file && ping -c 1 127.0.0.1 >/dev/null && "
            "su worker -c id");
  if (!CanRun()) return;
  const json profile = ProfileOnce(daemon(), "worker", [](const json& now) {
    return Number(Row(now, "CAP_SETUID"), "count") > 0;
  });
  ASSERT_TRUE(profile.is_object()) << daemon().Capmon({"profile", "worker"}).err;
  const std::set<std::string> keep = Keep(profile);
  EXPECT_THAT(keep, IsSupersetOf({"CAP_CHOWN", "CAP_NET_RAW", "CAP_SETUID"}));
  for (const char* capability : {"CAP_CHOWN", "CAP_NET_RAW", "CAP_SETUID"}) {
    EXPECT_GE(Number(Row(profile, capability), "count"), 1u) << capability;
  }
  for (const char* capability : {"CAP_MKNOD", "CAP_KILL", "CAP_SETFCAP", "CAP_NET_BIND_SERVICE"}) {
    // Only the runtime creates devices, while it sets the container up.
    const std::string verdict = Row(profile, capability).value("verdict", "");
    EXPECT_TRUE(verdict == "unused" || verdict == "runtime-only") << capability << verdict;
    EXPECT_FALSE(keep.contains(capability));
  }
  const std::set<std::string> held = profile.at("held").at("bounding");
  EXPECT_EQ(held, kDockersDefault);
}

TEST_F(DockerTest, CallsThatTheFilterGatesNeedWhatOpensTheGate) {
  RunScript("gated", {"--cap-add", "SYS_ADMIN"}, "sleep 1; unshare -U true && echo made");
  if (!CanRun()) return;
  ASSERT_NE(Logs("gated").find("made"), std::string::npos) << Logs("gated");
  const json profile = ProfileOnce(daemon(), "gated", [](const json& now) {
    return Row(now, "CAP_SYS_ADMIN").value("verdict", "") == "constraint";
  });
  EXPECT_TRUE(Keep(profile).contains("CAP_SYS_ADMIN")) << profile.dump(1);
  EXPECT_EQ(Row(profile, "CAP_SYS_ADMIN").value("reason", ""),
            "Docker's seccomp filter allows unshare(2) only with SYS_ADMIN");
  RunScript("shut", {}, "unshare -U true && echo made");  // without it the filter denies the call
  EXPECT_EQ(Logs("shut").find("made"), std::string::npos) << Logs("shut");
}

TEST_F(DockerTest, ADenialByTheFilterIsReportedAsSuch) {
  RunScript("filtered", {}, "sleep 1; hostname other");
  if (!CanRun()) return;
  const auto calls = [](const json& now) { return now.value("filtered_calls", json::array()); };
  const json profile =
      ProfileOnce(daemon(), "filtered", [&](const json& now) { return !calls(now).empty(); });
  ASSERT_EQ(calls(profile).size(), 1u) << profile.dump(1);
  EXPECT_EQ(calls(profile)[0].at("syscall"), "sethostname");
  EXPECT_EQ(calls(profile)[0].at("opened_by"), json({"CAP_SYS_ADMIN"}));
  EXPECT_EQ(Keep(profile), std::set<std::string>{}) << profile.dump(1);
}

TEST_F(DockerTest, WhatAnExecPreparesIsTheRuntimes) {
  RunScript("entered", {}, "sleep 1");
  if (!CanRun()) return;
  ASSERT_EQ(docker().Docker({"exec", "-u", "worker", "entered", "id"}).exit_code, 0);
  ASSERT_EQ(docker().Docker({"exec", "entered", "chown", "worker", "/srv"}).exit_code, 0);
  const json profile = ProfileOnce(daemon(), "entered", [](const json& now) {
    return Number(Row(now, "CAP_CHOWN"), "count") > 0;
  });
  EXPECT_EQ(Keep(profile), std::set<std::string>{"CAP_CHOWN"}) << profile.dump(1);
  for (const char* capability : {"CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"}) {
    int by_runtime = 0;
    const json row = Row(profile, capability);
    for (const json& evidence : row.at("evidence")) {
      // An older runc works from a copy of itself in memory, "memfd:runc_cloned:/proc/self/exe".
      if (evidence.at("binary").get<std::string>().find("runc") == std::string::npos) continue;
      ++by_runtime;
      EXPECT_EQ(evidence.at("verdict"), "runtime-only") << evidence.dump(1);
    }
    EXPECT_GT(by_runtime, 0) << profile.dump(1);
  }
}

TEST_F(DockerTest, HasTheNameAndImageThatDockerGaveIt) {
  RunScript("named", {}, "true");
  if (!CanRun()) return;
  std::string id = docker().Docker({"inspect", "-f", "{{.Id}}", "named"}).out;
  id.pop_back();
  const json profile = ProfileOnce(daemon(), id, [](const json& now) {
    return now.at("container").at("name_source") == "docker";
  });
  ASSERT_TRUE(profile.is_object()) << daemon().Capmon({"profile", id}).err;
  const json container = profile.at("container");
  EXPECT_EQ(container.at("id"), id);
  EXPECT_EQ(container.at("name"), "named");
  EXPECT_EQ(container.at("image"), kImage);
  EXPECT_EQ(container.at("runtime"), "docker");
  EXPECT_EQ(container.at("kind"), "container");
  EXPECT_FALSE(container.at("privileged"));
  for (const std::string& reference : {id.substr(0, 12), std::string("named"), "docker://" + id}) {
    EXPECT_EQ(daemon().Json({"profile", reference}).at("container").at("id"), id) << reference;
  }
  const json list = daemon().Json({"list", "--instances"});
  bool listed = false;
  for (const json& summary : list.at("containers")) {
    if (summary.at("container").at("id") != id) continue;
    listed = true;
    EXPECT_EQ(summary.at("held"), kDockersDefault.size());
  }
  EXPECT_TRUE(listed) << list.dump(1);
  ASSERT_EQ(docker().Docker({"rename", "named", "renamed"}).exit_code, 0);
  const json renamed = ProfileOnce(
      daemon(), id, [](const json& now) { return now.at("container").at("name") == "renamed"; });
  EXPECT_EQ(renamed.at("container").at("name"), "renamed");
}

}  // namespace
}  // namespace capmon

// SPDX-License-Identifier: Apache-2.0
// What one container can do to disturb others: fill the map of counters, flood the ring, create and
// remove cgroups faster than capmond reads. The evidence of others must not change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "generated/build_paths.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"
#include "tests/support/test_cgroup.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using Words = std::vector<std::string>;

constexpr char kStorm[] = CAPMON_BINARY_DIR "/bin/storm";

// Returns the directory in the hierarchy that capmond watches.
std::string WatchedDirectory(const TestCgroup& cgroup) {
  for (const std::string& directory : cgroup.directories())
    if (directory.find("/pids") != std::string::npos) return directory;
  for (const std::string& directory : cgroup.directories())
    if (directory.find("/memory/") != std::string::npos) return directory;
  return cgroup.directories().front();
}

class CrowdTest : public LiveTest {
 protected:
  CrowdTest() : LiveTest(Words{}) {}

  void StartDaemon(const Words& flags = {}) {
    auto started = CapmonDaemon::Start(directory_.path(), flags);
    ASSERT_TRUE(started.ok()) << started.status();
    daemon_.emplace(*std::move(started));
  }
  // Runs to its end in that container.
  static void Storm(const TestCgroup& container, const Words& words,
                    const std::string& program = kStorm) {
    Words line = {program};
    line.insert(line.end(), words.begin(), words.end());
    const Outcome outcome = RunProgram(line, In(container));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  static absl::StatusOr<ChildProcess> StartStorm(const TestCgroup& container, const Words& words) {
    Words line = {kStorm};
    line.insert(line.end(), words.begin(), words.end());
    return ChildProcess::Start(line, In(container));
  }
  static ProcessOptions In(const TestCgroup& container) {
    ProcessOptions options;
    options.cgroups = container.directories();
    return options;
  }
  // Returns the status, also if capmond is not healthy and the command fails.
  json Status() const { return json::parse(daemon_->Capmon({"status", "-o", "json"}).out); }
  uint64_t Counter(const std::string& name) const { return Number(Status().at("counters"), name); }
  uint64_t Lost(const std::string& cause) const { return Number(Status().at("lost"), cause); }
  json Profile(const TestCgroup& container) const {
    return daemon_->Json({"profile", container.id()});
  }
  // Counters in the kernel but the host's, which grow with whatever else runs here.
  uint64_t Entries() const {
    const json status = Status();
    const json& users = status.at("largest_users");
    return Number(status.at("counters"), "map_entries") -
           (users.contains("host") ? Number(users, "host") : 0);
  }
  // Counters of `removed` cgroups were freed, and none of theirs stays.
  bool MapReturnsTo(uint64_t entries, int removed) const {
    return Eventually([&] {
      return Counter("map_freed") >= static_cast<uint64_t>(removed) && Entries() <= entries + 16;
    });
  }
  // Counts containers of which only the cgroup id is known.
  int Nameless() const {
    int nameless = 0;
    const json list = daemon_->Json({"list", "--instances", "-a"});
    for (const json& summary : list.at("containers"))
      nameless += summary.at("container").at("kind") == "unknown";
    return nameless;
  }

  TempDir directory_;
  std::optional<CapmonDaemon> daemon_;
};

// Each kind of check that `storm checks` makes.
constexpr const char* kChecked[] = {"CAP_SYS_ADMIN", "CAP_SYSLOG", "CAP_SYS_BOOT", "CAP_NET_RAW"};

// Returns the evidence without times.
json Evidence(json profile) {
  json evidence = {profile.at("capabilities"), profile.at("recommendation")};
  json& confidence = profile.at("confidence");
  confidence.erase("observed_seconds");
  evidence.push_back(confidence);
  for (json& row : evidence[0])
    for (const char* time : {"first", "last"}) row.erase(time);
  return evidence;
}

TEST_F(CrowdTest, ACgroupInACgroupHasNoQuotaOfItsOwn) {
  StartDaemon({"--max-checks", "2048"});
  const TestCgroup flooder, neighbour;
  for (const char* program : {"a", "b", "c", "d"})
    std::filesystem::copy_file(kStorm, directory_ / program);
  for (int i = 0; i < 20; ++i) {
    const TestCgroup nested("/docker/" + flooder.id(), "nested" + std::to_string(i));
    for (const char* program : {"a", "b", "c", "d"})
      Storm(nested, {"checks"}, directory_ / program);
    if (i == 10) Status();  // some nested cgroups are known to capmond, others are not
  }
  Storm(neighbour, {"checks"});
  const json profile = Profile(neighbour);
  for (const char* capability : kChecked)
    EXPECT_GE(Number(Row(profile, capability), "count"), 1u) << profile.dump(1);
  EXPECT_EQ(profile.at("confidence").at("lost"), "0");
  EXPECT_EQ(Lost("map-full"), 0u);
  // Each of 4 programs once in each of 20 cgroups, with details or without.
  EXPECT_EQ(Number(Row(Profile(flooder), "CAP_SYS_BOOT"), "checks"), 80u);
}

TEST_F(CrowdTest, CollapsedKindsAreBoundedToo) {
  StartDaemon({"--keys-per-container", "64"});
  const TestCgroup flooder;
  Storm(flooder, {"kinds", "32"});
  const json status = Status();
  EXPECT_GT(Number(status.at("lost"), "key-quota"), 0u) << status.dump(1);
  const json profile = Profile(flooder);
  const std::string name = profile.at("container").at("name");
  const uint64_t keys = Number(status.at("largest_users"), name);
  EXPECT_GT(keys, 64u) << status.dump(1);
  EXPECT_LE(keys, 64u + 128 + 2 * 2 * 4) << status.dump(1);
  // Denied, so they do not count as uses, but none is lost.
  EXPECT_EQ(Number(Row(profile, "CAP_SYS_BOOT"), "checks"), 32u) << profile.dump(1);
  EXPECT_EQ(profile.at("confidence").at("lost"), "0") << "details are no evidence";
}

TEST_F(CrowdTest, AFullMapIsALossOfTheContainerThatFoundNoRoom) {
  StartDaemon({"--max-checks", "1024"});
  const TestCgroup early, late;
  Storm(early, {"checks"});
  const json before = Evidence(Profile(early));
  {
    std::vector<std::unique_ptr<TestCgroup>> crowd;
    for (int i = 0; i < 40; ++i) {
      crowd.push_back(std::make_unique<TestCgroup>());
      Storm(*crowd.back(), {"kinds", "32"});
    }
    Storm(late, {"checks"});
    EXPECT_NE(Profile(late).at("confidence").at("lost"), "0") << Status().dump(1);
    EXPECT_EQ(Evidence(Profile(early)), before);
    ASSERT_TRUE(Eventually([&] { return Status().at("health").at("serving") == false; }));
    EXPECT_THAT(std::string(Status().at("health").at("reason")), HasSubstr("--max-checks"));
  }
  EXPECT_TRUE(Eventually([&] { return Status().at("health").at("serving") == true; }))
      << "they are gone, and so are their counters: " << Status().dump(1);
}

TEST_F(CrowdTest, NoCounterOfACgroupThatWentWhileCapmondWasStoppedStays) {
  StartDaemon();
  const TestCgroup parent;
  const std::string runtime = std::filesystem::path(WatchedDirectory(parent)).parent_path();
  const uint64_t before = Entries();
  const int count = 1500 / Patience();
  const std::string prefix = RandomContainerId().substr(0, 56);
  daemon_->process().Signal(SIGSTOP);
  const Outcome churn = RunProgram({kStorm, "churn", runtime, prefix, std::to_string(count), "6"});
  daemon_->process().Signal(SIGCONT);
  ASSERT_EQ(churn.exit_code, 0) << churn.err;
  EXPECT_TRUE(MapReturnsTo(before, count)) << Status().dump(1);
  EXPECT_EQ(Nameless(), 0);
  EXPECT_EQ(Counter("unnamed_cgroups"), 0u);
  int found = 0;
  const json list = daemon_->Json({"list", "--instances", "-a"});
  for (const json& summary : list.at("containers")) {
    const std::string id = summary.at("container").at("id");
    if (!id.starts_with(prefix)) continue;
    ++found;
    EXPECT_TRUE(Ended(summary));
    EXPECT_EQ(summary.at("confidence").at("lost"), "0");
    if (found % 100 != 1) continue;
    EXPECT_EQ(Number(Row(daemon_->Json({"profile", id}), "CAP_NET_RAW"), "count"), 1u) << id;
  }
  EXPECT_EQ(found, count);
}

TEST_F(CrowdTest, AContainerThatMakesCgroupsLeavesNoCountersBehind) {
  StartDaemon();
  const TestCgroup attacker;
  Storm(attacker, {"checks"});
  const uint64_t before = Entries();
  std::vector<ChildProcess> capsets;
  for (int i = 0; i < 4; ++i) {
    auto started = StartStorm(attacker, {"capsets", "60"});
    ASSERT_TRUE(started.ok()) << started.status();
    capsets.push_back(*std::move(started));
  }
  const int count = 500 / Patience();
  daemon_->process().Signal(SIGSTOP);
  Storm(attacker, {"churn", WatchedDirectory(attacker), "nested", std::to_string(count), "12"});
  daemon_->process().Signal(SIGCONT);
  capsets.clear();
  EXPECT_TRUE(MapReturnsTo(before + 300, 32)) << "only collapsed ones stay: " << Status().dump(1);
  EXPECT_EQ(Nameless(), 0);
  // Two in each nested cgroup, and one before: none is lost, in whichever container it is counted.
  const json profile = ProfileOnce(*daemon_, attacker.id(), [&](const json& now) {
    return Number(Row(now, "CAP_NET_RAW"), "checks") >= static_cast<uint64_t>(2 * count + 1);
  });
  EXPECT_EQ(Number(Row(profile, "CAP_NET_RAW"), "checks"), static_cast<uint64_t>(2 * count + 1));
}

TEST_F(CrowdTest, AFloodOfRecordsDisplacesNoOthers) {
  StartDaemon();
  const TestCgroup flooder, neighbour;
  auto lasting = StartStorm(flooder, {"wait"});
  ASSERT_TRUE(lasting.ok() && Eventually([&] { return Profile(flooder).is_object(); }));
  daemon_->process().Signal(SIGSTOP);
  Storm(flooder, {"execs", "4000"});
  Storm(neighbour, {"checks"});
  daemon_->process().Signal(SIGCONT);
  ASSERT_TRUE(Eventually([&] { return Profile(neighbour).is_object(); }));
  const json status = Status();
  EXPECT_GT(Number(status.at("lost"), "ring-exec"), 0u) << "the flood was none";
  EXPECT_NE(Profile(flooder).at("confidence").at("lost"), "0");
  const json profile = Profile(neighbour);
  EXPECT_EQ(profile.at("confidence").at("lost"), "0") << profile.dump(1);
  EXPECT_GT(Number(Row(profile, "CAP_NET_RAW"), "count"), 0u);
}

TEST_F(CrowdTest, CapsetsInALoopHideNoExecOfANeighbour) {
  StartDaemon();
  const TestCgroup looping, neighbour;
  std::vector<ChildProcess> capsets;
  for (int i = 0; i < 4; ++i) {
    auto started = StartStorm(looping, {"capsets", "60"});
    ASSERT_TRUE(started.ok()) << started.status();
    capsets.push_back(*std::move(started));
  }
  // Results, and capset(2), are recorded while something is new.
  ASSERT_TRUE(Eventually([&] { return Status().at("outcomes") == true; }));
  daemon_->process().Signal(SIGSTOP);
  Storm(looping, {"capsets", "3"});
  Storm(neighbour, {"checks"});
  daemon_->process().Signal(SIGCONT);
  capsets.clear();
  ASSERT_TRUE(Eventually([&] { return Profile(neighbour).is_object(); }));
  EXPECT_EQ(Profile(neighbour).at("confidence").at("lost"), "0");
  EXPECT_EQ(Lost("ring-exec"), 0u);
  EXPECT_EQ(Lost("ring-capset"), 0u);
}

TEST_F(CrowdTest, ABurstOfOthersLeavesAProfileAsItWas) {
  StartDaemon();
  const TestCgroup neighbour;
  Storm(neighbour, {"checks"});
  const json quiet = Evidence(Profile(neighbour));
  const std::string runtime = std::filesystem::path(WatchedDirectory(neighbour)).parent_path();
  const Outcome churn = RunProgram({kStorm, "churn", runtime, RandomContainerId().substr(0, 56),
                                    std::to_string(3000 / Patience()), "12"});
  ASSERT_EQ(churn.exit_code, 0) << churn.err;
  ASSERT_TRUE(Eventually([&] { return Counter("map_freed") > 0; }));
  EXPECT_EQ(Evidence(Profile(neighbour)), quiet);
  EXPECT_EQ(Nameless(), 0);
}

TEST_F(CrowdTest, AnImpostorDoesNotMakeAnIdAmbiguous) {
  StartDaemon();
  const TestCgroup real;
  Storm(real, {"checks"});
  const TestCgroup impostor("/user.slice/user-1000.slice/user@1000.service/app.slice",
                            "docker-" + real.id() + ".scope");
  Storm(impostor, {"checks"});
  const Outcome answer = daemon_->Capmon({"profile", real.id(), "-o", "json"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_EQ(json::parse(answer.out).at("container").at("cgroup_path"), "/docker/" + real.id());
}

}  // namespace
}  // namespace capmon

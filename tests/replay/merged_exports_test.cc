// SPDX-License-Identifier: Apache-2.0
// Three machines with a capmond each, and one capmond that sees all of it: the merged exports of
// the three are, byte for byte, the export of the one. Each machine runs what the corpus recorded
// of a real server, twice as replicas of services that the machines have in common.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "daemon/collector/replay_source.h"
#include "generated/build_paths.h"
#include "tests/api/live_server.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr char kCapmon[] = CAPMON_BINARY_DIR "/bin/capmon";
constexpr CgroupId kRecorded = 7;                 // the container in every recording of the corpus
constexpr TimeNs kEnd = 1'767'229'200 * kSecond;  // later than all of them

struct Replica {
  std::string recording;
  CgroupId cgroup = 0;  // also makes its id
  std::string service;
  char image = 'a';
  bool ends = true;
};

std::string IdOf(CgroupId cgroup) { return std::string(62, 'c') + std::to_string(cgroup); }

template <typename Event>
void Renumber(Event& event, CgroupId cgroup) {
  if constexpr (requires { event.key.cgroup; }) {
    if (event.key.cgroup == kRecorded) event.key.cgroup = cgroup;
  } else if constexpr (requires { event.cgroup; }) {
    if (event.cgroup == kRecorded) event.cgroup = cgroup;
  }
}

// The recording of one server, as that of a replica of a Compose service.
std::vector<KernelEvent> EventsOf(const Replica& replica) {
  const std::string file =
      std::string(CAPMON_SOURCE_DIR "/tests/replay/corpus/") + replica.recording + ".events";
  auto source = ReplaySource::Open(file);
  EXPECT_TRUE(source.ok()) << source.status();
  std::vector<KernelEvent> events;
  if (!source.ok()) return events;
  EXPECT_TRUE((*source)
                  ->Drain([&](KernelEvent event) {
                    std::visit([&](auto& e) { Renumber(e, replica.cgroup); }, event);
                    if (std::holds_alternative<CgroupRemoved>(event) && !replica.ends) return;
                    events.push_back(event);
                    auto* const made = std::get_if<CgroupMade>(&events.back());
                    if (made == nullptr) return;
                    made->path = "/docker/" + IdOf(replica.cgroup);
                    ContainerDescribed described;
                    described.time = made->time;
                    described.container_id = IdOf(replica.cgroup);
                    described.source = "docker";
                    described.name = "shop-" + replica.service + "-" + replica.recording;
                    described.image = "shop/" + replica.service + ":1";
                    described.image_digest = "sha256:" + std::string(64, replica.image);
                    described.workload = "compose:shop/" + replica.service;
                    events.emplace_back(described);
                  })
                  .ok());
  return events;
}

class MergedExportsTest : public testing::Test {
 protected:
  // Writes what a capmond exports that saw these replicas.
  std::string Exported(const std::string& name, const std::vector<Replica>& replicas) {
    std::vector<KernelEvent> events;
    for (const Replica& replica : replicas) {
      const std::vector<KernelEvent> more = EventsOf(replica);
      events.insert(events.end(), more.begin(), more.end());
    }
    const auto time = [](const KernelEvent& event) {
      return std::visit([](const auto& e) { return e.time; }, event);
    };
    std::ranges::stable_sort(events, {}, time);
    LiveServer capmond;
    for (const KernelEvent& event : events) capmond.Feed(event);
    capmond.Feed(Tick{kEnd});
    const Outcome outcome = RunProgram({kCapmon, "--address", capmond.address(), "export"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const std::string file = directory_ / name;
    EXPECT_TRUE(WriteFile(file, outcome.out));
    return file;
  }
  static std::string Merged(const std::vector<std::string>& files) {
    std::vector<std::string> line = {kCapmon, "merge"};
    line.insert(line.end(), files.begin(), files.end());
    const Outcome outcome = RunProgram(line);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.out;
  }

  TempDir directory_;
};

TEST_F(MergedExportsTest, OfThreeCapmondsAreTheExportOfOneThatSawAll) {
  const std::vector<std::vector<Replica>> machines = {
      {{"nginx", 11, "web", 'a', true}, {"sshd", 12, "admin", 'a', false}},
      {{"redis", 21, "web", 'a', false}, {"postgresql", 22, "store", 'a', true}},
      {{"apache2", 31, "web", 'b', true},
       {"sudo", 32, "admin", 'a', true},
       {"ping", 33, "store", 'a', false}},
  };
  std::vector<Replica> everything;
  std::vector<std::string> files;
  for (const std::vector<Replica>& machine : machines) {
    files.push_back(Exported("machine" + std::to_string(files.size()), machine));
    everything.insert(everything.end(), machine.begin(), machine.end());
  }
  const std::string one = ReadFile(Exported("one", everything));
  EXPECT_THAT(one, AllOf(HasSubstr("workload: \"compose:shop/admin\""),
                         HasSubstr("workload: \"compose:shop/store\""),
                         HasSubstr("workload: \"compose:shop/web\""),
                         HasSubstr("NET_BIND_SERVICE: required"), HasSubstr(IdOf(33))));
  EXPECT_EQ(Merged(files), one);
  std::ranges::reverse(files);
  EXPECT_EQ(Merged(files), one) << "in any order";
  files.push_back(files[1]);
  files.push_back(directory_ / "one");
  EXPECT_EQ(Merged(files), one) << "and as often as one likes";
}

}  // namespace
}  // namespace capmon

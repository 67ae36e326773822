// SPDX-License-Identifier: Apache-2.0
// `capmon inspect` says what the kernel and getpcaps say: of odd sets, of a thousand random ones,
// and of every process there is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <latch>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "client/host/libcap.h"
#include "tests/e2e/complaint.h"
#include "tests/e2e/masks.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr std::pair<const char*, const char*> kSets[] = {{"effective", "CapEff"},
                                                         {"permitted", "CapPrm"},
                                                         {"inheritable", "CapInh"},
                                                         {"bounding", "CapBnd"},
                                                         {"ambient", "CapAmb"}};
constexpr std::pair<const char*, cap_flag_t> kFlags[] = {
    {"effective", CAP_EFFECTIVE}, {"permitted", CAP_PERMITTED}, {"inheritable", CAP_INHERITABLE}};

Outcome Capmon(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CapmonBinary());
  return RunProgram(arguments);
}

// Reads the fields of a process or thread, like {"CapEff", "000001ffffffffff"}. Empty if there is
// none.
std::map<std::string, std::string> StatusOf(pid_t pid) {
  std::map<std::string, std::string> fields;
  for (const std::string& line : Lines(ReadFile("/proc/" + std::to_string(pid) + "/status")))
    if (line.starts_with("Cap") || line.starts_with("NoNewPrivs") || line.starts_with("Uid"))
      fields[line.substr(0, line.find(':'))] = line.substr(line.find('\t') + 1);
  return fields;
}

// Returns getpcaps' output, like {1, "=ep"}: one run for many processes.
std::map<pid_t, std::string> FromGetpcaps(const std::vector<pid_t>& pids) {
  std::vector<std::string> line = {"getpcaps"};
  for (const pid_t pid : pids) line.push_back(std::to_string(pid));
  std::map<pid_t, std::string> told;
  for (const std::string& answer : Lines(RunProgram(line).out))
    if (const size_t colon = answer.find(": "); colon != answer.npos)
      told[std::stoi(answer)] = answer.substr(colon + 2);
  return told;
}

void ExpectTheKernels(const json& held, const std::map<std::string, std::string>& status) {
  for (const auto& [set, field] : kSets)
    EXPECT_EQ(held.at(set), json(NamesOf(CapabilitySet(std::stoull(status.at(field), 0, 16)))))
        << set;
  EXPECT_EQ(held.at("no_new_privs"), status.at("NoNewPrivs") == "1");
}

void ExpectGetpcaps(const json& held, const std::string& text) {
  const LibcapSets sets(cap_from_text(text.c_str()));
  ASSERT_TRUE(sets) << text;
  for (const auto& [set, flag] : kFlags)
    EXPECT_EQ(held.at(set), json(NamesOf(FlagOf(sets, flag) & AllCapabilities()))) << set;
}

class InspectTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    for (const char* program : {"capsh", "setpriv", "getpcaps", "unshare"})
      if (!OnPath(program)) GTEST_SKIP() << "needs " << program;
  }

  // The line ends in `cat`, which waits for its input.
  static absl::StatusOr<ChildProcess> StartCat(const std::vector<std::string>& line) {
    auto child = ChildProcess::Start(line);
    if (!child.ok()) return child;
    const std::string comm = "/proc/" + std::to_string(child->pid()) + "/comm";
    if (!Eventually([&] { return ReadFile(comm) == "cat\n"; }))
      return absl::InternalError(child->err());
    return child;
  }
  static json Inspect(pid_t pid) {
    const Outcome outcome = Capmon({"inspect", std::to_string(pid), "-o", "json"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const json answer = json::parse(outcome.out, nullptr, false);
    return answer.is_object() && answer.at("groups").size() == 1 ? answer.at("groups")[0] : json();
  }
};

TEST_F(InspectTest, AgreesOnOddSets) {
  const std::vector<std::vector<std::string>> odd = {
      {"cat"},
      {"setpriv", "--reuid=65534", "--clear-groups", "cat"},
      {"setpriv", "--no-new-privs", "--bounding-set=-sys_admin,-net_raw", "cat"},
      {"setpriv", "--inh-caps=-all,+chown,+kill", "--ambient-caps=-all,+chown", "--reuid=1000",
       "--clear-groups", "cat"},
      {"capsh", "--drop=cap_sys_admin,cap_chown", "--inh=cap_net_raw", "--addamb=cap_net_raw", "--",
       "-c", "exec cat"},
      {"capsh", "--secbits=1", "--", "-c", "exec cat"},
      {"unshare", "--user", "cat"},
      {"unshare", "--user", "--map-root-user", "cat"},
      {"unshare", "--user", "--map-root-user", "unshare", "--user", "--map-root-user", "cat"},
  };
  for (const std::vector<std::string>& line : odd) {
    SCOPED_TRACE(Joined(line, " "));
    auto cat = StartCat(line);
    ASSERT_TRUE(cat.ok()) << cat.status();
    const json group = Inspect(cat->pid());
    ASSERT_TRUE(group.is_object());
    const json& held = group.at("held");
    ExpectTheKernels(held, StatusOf(cat->pid()));
    ExpectGetpcaps(held, FromGetpcaps({cat->pid()})[cat->pid()]);
    const auto level = std::count(line.begin(), line.end(), "unshare");
    EXPECT_EQ(group.at("user_namespace"), level > 0 ? "own" : "host");
    EXPECT_EQ(held.at("userns_level"), level);
  }
}

// Gives this thread the part of `set` that it may have. Drops from the bounding set first, which
// needs a capability.
void HoldOnly(CapabilitySet set, CapabilitySet own) {
  for (const Capability c : (AllCapabilities() - set).members()) prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
  const uint64_t bits = (set & own).bits();
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  for (int half = 0; half < 2; ++half) {
    const auto word = static_cast<uint32_t>(bits >> (32 * half));
    data[half] = {.effective = word & 0x55555555, .permitted = word, .inheritable = word};
  }
  EXPECT_EQ(syscall(SYS_capset, &header, data), 0);
  for (const Capability c : (set & own).members())
    if (c % 3 == 0) prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0, 0);
}

TEST_F(InspectTest, AgreesOnAThousandRandomSets) {
  const std::vector<CapabilitySet> sets = ManySets();
  const CapabilitySet own(std::stoull(StatusOf(getpid())["CapPrm"], nullptr, 16));
  std::vector<pid_t> tids(sets.size());
  std::latch ready(static_cast<ptrdiff_t>(sets.size())), enough(1);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < sets.size(); ++i)
    threads.emplace_back([&, i] {
      HoldOnly(sets[i], own);
      tids[i] = gettid();
      ready.count_down();
      enough.wait();
    });
  ready.wait();
  const json process = Inspect(getpid()).at("processes")[0];
  const Outcome text = Capmon({"inspect", std::to_string(getpid())});
  const auto told = FromGetpcaps(tids);
  std::map<pid_t, std::map<std::string, std::string>> statuses;
  for (const pid_t tid : tids) statuses[tid] = StatusOf(tid);
  enough.count_down();
  for (std::thread& thread : threads) thread.join();

  // One of them holds everything and does not differ.
  ASSERT_GE(process.at("differing_threads").size(), sets.size() - 1);
  for (const json& thread : process.at("differing_threads")) {
    const pid_t tid = thread.at("tid");
    SCOPED_TRACE(tid);
    ASSERT_TRUE(told.contains(tid));
    ExpectTheKernels(thread.at("held"), statuses[tid]);
    ExpectGetpcaps(thread.at("held"), told.at(tid));
  }
  EXPECT_THAT(text.out, HasSubstr("differs: effective none"));
}

TEST_F(InspectTest, AgreesOnEveryProcessThereIs) {
  const pid_t zombie = fork();
  if (zombie == 0) _exit(0);
  std::vector<pid_t> pids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc"))
    if (const int pid = std::atoi(entry.path().filename().c_str()); pid > 0) pids.push_back(pid);
  EXPECT_THAT(pids, testing::Contains(zombie));
  size_t compared = 0;
  for (const pid_t pid : pids) {
    SCOPED_TRACE(pid);
    const auto before = StatusOf(pid);
    const Outcome outcome = Capmon({"inspect", std::to_string(pid), "-o", "json"});
    const auto told = FromGetpcaps({pid});
    if (before != StatusOf(pid)) continue;  // it changed meanwhile, or ended
    ASSERT_EQ(outcome.exit_code, before.empty() ? 4 : 0) << outcome.err;
    if (before.empty()) continue;
    const json held = json::parse(outcome.out).at("groups")[0].at("held");
    ExpectTheKernels(held, before);
    ASSERT_TRUE(told.contains(pid));
    ExpectGetpcaps(held, told.at(pid));
    EXPECT_THAT(before.at("Uid"), HasSubstr("\t" + std::to_string(int(held.at("uid"))) + "\t"));
    ++compared;
  }
  EXPECT_GE(compared, 2u);
  waitpid(zombie, nullptr, 0);
}

TEST_F(InspectTest, ShowsItsOwnSecurebits) {
  const Outcome outcome = RunProgram(
      {"capsh", "--secbits=1", "--", "-c", "exec \"$0\" inspect self -o json", CapmonBinary()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json group = json::parse(outcome.out).at("groups")[0];
  EXPECT_EQ(group.at("securebits"), json({"noroot"}));
  EXPECT_EQ(group.at("held").at("effective"), json::array()) << "root without being special";
}

TEST(InspectComplaintsTest, OneSentence) {
  ExpectComplaint(Capmon({"inspect", "pid:x"}), 2, "pid:x");
  ExpectComplaint(Capmon({"inspect", "99999999999"}), 2, "99999999999");
  ExpectComplaint(Capmon({"inspect", "4194304"}), 4, "4194304");  // beyond the largest pid
  ExpectComplaint(Capmon({"inspect", "cgroup:/no/such"}), 4, "/no/such");
  ExpectComplaint(Capmon({"inspect", "cgroup:/../../etc"}), 4, "/../../etc");
  ExpectComplaint(Capmon({"inspect", ""}), 2, "empty");
}

}  // namespace
}  // namespace capmon

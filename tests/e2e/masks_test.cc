// SPDX-License-Identifier: Apache-2.0
// decode, encode and inspect say what capsh, getpcaps and /proc say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "daemon/model/capability.h"
#include "tests/e2e/complaint.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Outcome Capmon(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CapmonBinary());
  return RunProgram(arguments);
}

std::string Hex(uint64_t bits) {
  std::ostringstream text;
  text << std::hex << bits;
  return text.str();
}

std::string Joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::vector<std::string> Lines(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// 1,024 masks, sparse ones and full ones; always the same.
std::vector<std::string> ManyMasks() {
  std::mt19937_64 random(20'240'229);
  std::vector<std::string> masks = {"0", Hex(AllCapabilities().bits()), "8000000000000000"};
  while (masks.size() < 1024) {
    const uint64_t bits = masks.size() % 2 == 0 ? random() & random() & random() : random();
    masks.push_back(Hex(bits & AllCapabilities().bits()));
  }
  return masks;
}

TEST(MasksTest, DecodeSaysWhatCapshSays) {
  if (!OnPath("capsh")) GTEST_SKIP() << "needs capsh";
  const std::vector<std::string> masks = ManyMasks();
  std::vector<std::string> line = {"decode"};
  line.insert(line.end(), masks.begin(), masks.end());
  const Outcome ours = Capmon(line);
  ASSERT_EQ(ours.exit_code, 0) << ours.err;
  const Outcome theirs = RunProgram(
      {"sh", "-c", "for m in " + Joined(masks, " ") + "; do capsh --decode=$m || exit 1; done"});
  ASSERT_EQ(theirs.exit_code, 0) << theirs.err;
  const auto our_lines = Lines(ours.out), their_lines = Lines(theirs.out);
  ASSERT_EQ(our_lines.size(), masks.size());
  ASSERT_EQ(their_lines.size(), masks.size());
  for (size_t i = 0; i < masks.size(); ++i) {
    std::string upper = their_lines[i].substr(2);
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
    // A number without a name is CAP_63 here and 63 there.
    const size_t nameless = upper.find("=63");
    if (nameless != upper.npos) upper.insert(nameless + 1, "CAP_");
    std::string our = our_lines[i].substr(2);
    std::ranges::transform(our, our.begin(), [](unsigned char c) { return std::toupper(c); });
    EXPECT_EQ(our, upper);
  }
}

TEST(MasksTest, EncodeIsTheWayBack) {
  for (const std::string& mask : ManyMasks()) {
    const CapabilitySet set(std::stoull(mask, nullptr, 16));
    std::vector<std::string> names = {"none"};
    for (const Capability c : set.members()) names.push_back(CapabilityName(c));
    if (set.size() % 16 != 0) continue;  // every program started takes its time
    const Outcome encoded = Capmon({"encode", Joined(names, ",")});
    ASSERT_EQ(encoded.exit_code, 0) << encoded.err;
    EXPECT_EQ(std::stoull(encoded.out, nullptr, 16), set.bits()) << encoded.out;
  }
}

TEST(MasksTest, EncodeReadsTheTextOfLibcapAsLibcapDoes) {
  for (const char* text : {"cap_net_raw,cap_chown=ep", "all=eip cap_sys_admin-e", "=", "=p"}) {
    const Outcome encoded = Capmon({"encode", text, "-o", "jsonl"});
    ASSERT_EQ(encoded.exit_code, 0) << encoded.err;
    const cap_t expected = cap_from_text(text);
    constexpr cap_flag_t kFlags[] = {CAP_INHERITABLE, CAP_PERMITTED, CAP_EFFECTIVE};
    const auto lines = Lines(encoded.out);
    ASSERT_EQ(lines.size(), std::size(kFlags));
    for (size_t i = 0; i < lines.size(); ++i) {
      std::vector<std::string> names;
      for (int c = 0; c < KernelCapabilityCount(); ++c) {
        cap_flag_value_t value = CAP_CLEAR;
        cap_get_flag(expected, c, kFlags[i], &value);
        if (value == CAP_SET) names.push_back(CapabilityName(static_cast<Capability>(c)));
      }
      EXPECT_EQ(json::parse(lines[i]).at("capabilities"), json(names)) << text;
    }
    cap_free(expected);
  }
}

TEST(MasksTest, DecodeReadsAnInput) {
  const Outcome decoded =
      RunProgram({"sh", "-c", "exec \"$0\" decode - </proc/self/status", CapmonBinary()});
  EXPECT_EQ(decoded.exit_code, 0) << decoded.err;
  EXPECT_EQ(Lines(decoded.out).size(), 5u) << decoded.out;
  ExpectComplaint(
      RunProgram({"sh", "-c", "head -c 2000000 /dev/zero | \"$0\" decode -", CapmonBinary()}), 2,
      "1 MiB");
}

uint64_t StatusMask(pid_t pid, const std::string& field) {
  for (const std::string& line : Lines(ReadFile("/proc/" + std::to_string(pid) + "/status")))
    if (line.starts_with(field + ":"))
      return std::stoull(line.substr(field.size() + 1), nullptr, 16);
  ADD_FAILURE() << "no " << field;
  return 0;
}

std::vector<std::string> NamesOf(uint64_t bits) {
  std::vector<std::string> names;
  for (const Capability c : CapabilitySet(bits).members()) names.push_back(CapabilityName(c));
  return names;
}

// What getpcaps says of one set, as names.
std::vector<std::string> FromGetpcaps(pid_t pid, cap_flag_t flag) {
  const Outcome told = RunProgram({"getpcaps", std::to_string(pid)});
  const size_t colon = told.out.find(": ");
  if (colon == told.out.npos) return {"getpcaps: " + told.out + told.err};
  std::string text = told.out.substr(colon + 2);
  text.erase(text.find_last_not_of('\n') + 1);
  const cap_t sets = cap_from_text(text.c_str());
  std::vector<std::string> names;
  for (int c = 0; c < KernelCapabilityCount(); ++c) {
    cap_flag_value_t value = CAP_CLEAR;
    if (cap_get_flag(sets, c, flag, &value) == 0 && value == CAP_SET)
      names.push_back(CapabilityName(static_cast<Capability>(c)));
  }
  cap_free(sets);
  return names;
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

TEST_F(InspectTest, AgreesWithTheKernelAndGetpcapsOnOddSets) {
  const std::vector<std::vector<std::string>> odd = {
      {"cat"},
      {"setpriv", "--reuid=65534", "--clear-groups", "cat"},
      {"setpriv", "--no-new-privs", "--bounding-set=-sys_admin,-net_raw", "cat"},
      {"setpriv", "--inh-caps=-all,+chown,+kill", "--ambient-caps=-all,+chown", "--reuid=1000",
       "--clear-groups", "cat"},
      {"capsh", "--drop=cap_sys_admin,cap_chown", "--inh=cap_net_raw", "--addamb=cap_net_raw", "--",
       "-c", "exec cat"},
      {"capsh", "--secbits=1", "--", "-c", "exec cat"},
      {"unshare", "--user", "--map-root-user", "cat"},
  };
  for (const std::vector<std::string>& line : odd) {
    SCOPED_TRACE(Joined(line, " "));
    auto cat = StartCat(line);
    ASSERT_TRUE(cat.ok()) << cat.status();
    const json group = Inspect(cat->pid());
    ASSERT_TRUE(group.is_object());
    const json& held = group.at("held");
    for (const auto& [set, field] :
         std::vector<std::pair<std::string, std::string>>{{"effective", "CapEff"},
                                                          {"permitted", "CapPrm"},
                                                          {"inheritable", "CapInh"},
                                                          {"bounding", "CapBnd"},
                                                          {"ambient", "CapAmb"}})
      EXPECT_EQ(held.at(set), json(NamesOf(StatusMask(cat->pid(), field)))) << set;
    EXPECT_EQ(held.at("effective"), json(FromGetpcaps(cat->pid(), CAP_EFFECTIVE)));
    EXPECT_EQ(held.at("permitted"), json(FromGetpcaps(cat->pid(), CAP_PERMITTED)));
    EXPECT_EQ(held.at("inheritable"), json(FromGetpcaps(cat->pid(), CAP_INHERITABLE)));
    EXPECT_EQ(held.at("no_new_privs"), StatusMask(cat->pid(), "NoNewPrivs") == 1);
    const bool own = line[0] == "unshare";
    EXPECT_EQ(group.at("user_namespace"), own ? "own" : "host");
    EXPECT_EQ(held.at("userns_level"), own ? 1 : 0);
  }
}

TEST_F(InspectTest, TellsItsOwnSecurebits) {
  const Outcome outcome = RunProgram(
      {"capsh", "--secbits=1", "--", "-c", "exec \"$0\" inspect self -o json", CapmonBinary()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json group = json::parse(outcome.out).at("groups")[0];
  EXPECT_EQ(group.at("securebits"), json({"noroot"}));
  EXPECT_EQ(group.at("held").at("effective"), json::array()) << "root without being special";
}

TEST_F(InspectTest, NotesAThreadThatDiffers) {
  std::mutex mutex;
  std::condition_variable changed;
  pid_t worker = 0;
  bool enough = false;
  std::thread thread([&] {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2] = {};
    syscall(SYS_capget, &header, data);
    data[0].effective = data[1].effective = 0;  // of this thread only
    syscall(SYS_capset, &header, data);
    std::unique_lock lock(mutex);
    worker = gettid();
    changed.notify_all();
    changed.wait(lock, [&] { return enough; });
  });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return worker != 0; });
  }
  const json process = Inspect(getpid()).at("processes")[0];
  const Outcome text = Capmon({"inspect", "pid:" + std::to_string(getpid())});
  {
    const std::lock_guard lock(mutex);
    enough = true;
  }
  changed.notify_all();
  thread.join();
  ASSERT_EQ(process.at("differing_threads").size(), 1u) << process.dump(1);
  EXPECT_EQ(process.at("differing_threads")[0].at("tid"), worker);
  EXPECT_THAT(text.out, HasSubstr("differs: effective none"));
}

TEST(InspectComplaintsTest, OneSentence) {
  ExpectComplaint(Capmon({"inspect", "pid:x"}), 2, "pid:x");
  ExpectComplaint(Capmon({"inspect", "99999999999"}), 2, "99999999999");
  ExpectComplaint(Capmon({"inspect", "4194304"}), 4, "4194304");  // beyond the largest there is
  ExpectComplaint(Capmon({"inspect", "cgroup:/no/such"}), 4, "/no/such");
  ExpectComplaint(Capmon({"inspect", "cgroup:/../../etc"}), 4, "/../../etc");
  ExpectComplaint(Capmon({"inspect", ""}), 2, "empty");
}

}  // namespace
}  // namespace capmon

// SPDX-License-Identifier: Apache-2.0
// Persistence of counters and evidence over kills, stops and upgrades, and what capmond reports
// without it.
#include <bpf/bpf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bpf/capmon_events.h"
#include "daemon/base/unique_fd.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/bpf_file_system.h"
#include "tests/support/bpf_objects.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"
#include "tests/support/test_cgroup.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Words = std::vector<std::string>;

class KeepTest : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun()) return;
    const char* const backend = std::getenv("CAPMON_TEST_BACKEND");
    if (backend != nullptr && std::string(backend) == "kprobe" && !KernelPinsKprobes())
      GTEST_SKIP() << "this kernel cannot pin a kprobe";
    ASSERT_TRUE(bpffs_.mounted());
    ASSERT_TRUE(MakeTriggerRootfs(directory_ / "rootfs").ok());
  }

  void StartDaemon(const Words& more = {}) {
    Words flags = {"--state-dir", state_, "--pin-dir", pins_};
    flags.insert(flags.end(), more.begin(), more.end());
    StartDaemonWith(flags);
  }
  void StartDaemonWith(const Words& flags) {
    daemon_.reset();
    auto started = CapmonDaemon::Start(directory_.path(), flags);
    ASSERT_TRUE(started.ok()) << started.status();
    daemon_.emplace(*std::move(started));
  }
  void Kill() {
    daemon_->process().Signal(SIGKILL);
    ASSERT_EQ(daemon_->process().Wait().value_or(-1), 128 + SIGKILL);
  }
  Outcome Capmond(const Words& flags) const {
    Words line = {CapmondBinary(), "--address", "unix://" + directory_ / "other.sock"};
    line.insert(line.end(), flags.begin(), flags.end());
    return RunProgram(line);
  }
  Outcome Uninstall() const {
    return RunProgram({CapmondBinary(), "--address", "unix://" + directory_ / "capmon.sock",
                       "--state-dir", state_, "--pin-dir", pins_, "--uninstall"});
  }

  std::optional<RuncContainer> Trigger(const Words& words) const {
    Words command = {"/bin/trigger"};
    command.insert(command.end(), words.begin(), words.end());
    auto container =
        RuncContainer::Start({directory_ / "rootfs", command, {"CAP_CHOWN", "CAP_NET_RAW"}});
    EXPECT_TRUE(container.ok()) << container.status();
    if (!container.ok()) return std::nullopt;
    return *std::move(container);
  }
  // It prints a line for each action.
  static bool Said(RuncContainer& container, int lines) {
    return Eventually([&] {
      const std::string out = container.process().out();
      return std::count(out.begin(), out.end(), '\n') == lines;
    });
  }
  // A kernel that preempts programs skips some, and says how many on the whole machine.
  static uint64_t Skipped(const json& profile) {
    const json& losses = profile.at("confidence").at("losses");
    return losses.contains("recursion") ? Number(losses, "recursion") : 0;
  }
  json ProfileWith(const RuncContainer& container, const std::string& capability,
                   uint64_t count) const {
    const json profile = ProfileOnce(*daemon_, container.id(), [&](const json& now) {
      return Number(Row(now, capability), "count") + Skipped(now) >= count;
    });
    const uint64_t counted = Number(Row(profile, capability), "count");
    EXPECT_LE(counted, count) << profile.dump(1);
    EXPECT_GE(counted + Skipped(profile), count) << profile.dump(1);
    return profile;
  }
  static json Gaps(const json& profile) { return profile.at("confidence").at("gaps"); }
  Words Generations() const {
    Words folders;
    for (const auto& entry : std::filesystem::directory_iterator(pins_))
      folders.push_back(entry.path());
    return folders;
  }

  TempDir directory_;
  BpfFileSystem bpffs_{directory_ / "bpf"};
  const std::string state_ = directory_ / "state";
  const std::string pins_ = directory_ / "bpf/capmon";
  std::optional<CapmonDaemon> daemon_;
};

TEST_F(KeepTest, KilledForAWhileItMissesNothing) {
  StartDaemon();
  auto lasting = Trigger({"--count", "5", "NET_RAW", "wait", "NET_RAW", "wait", "NET_RAW", "wait"});
  ASSERT_TRUE(lasting && Said(*lasting, 1));
  ProfileWith(*lasting, "CAP_NET_RAW", 5);
  auto ending = Trigger({"NET_RAW", "wait"});
  ASSERT_TRUE(ending && Said(*ending, 1));
  ProfileWith(*ending, "CAP_NET_RAW", 1);
  Kill();
  const auto generations = Generations();
  ASSERT_THAT(generations, SizeIs(1));

  ASSERT_TRUE(lasting->process().WriteLine(""));
  ASSERT_TRUE(Said(*lasting, 2));
  ending->process().CloseInput();
  ASSERT_EQ(ending->process().Wait().value_or(-1), 0);
  auto brief = Trigger({"--count", "7", "NET_RAW"});
  ASSERT_TRUE(brief);
  ASSERT_EQ(brief->process().Wait().value_or(-1), 0);
  auto newcomer = Trigger({"CHOWN", "wait"});
  ASSERT_TRUE(newcomer && Said(*newcomer, 1));

  StartDaemon();
  EXPECT_EQ(Generations(), generations);  // adopted
  EXPECT_FALSE(Ended(ProfileWith(*lasting, "CAP_NET_RAW", 10)));
  const json explained = daemon_->Json({"explain", lasting->id(), "NET_RAW"}).at("capability");
  EXPECT_EQ(explained.at("times_exact"), false) << explained.dump(1);
  EXPECT_LT(explained.at("evidence")[0].at("unread_from"),
            explained.at("evidence")[0].at("unread_to"));
  for (const auto* container : {&*ending, &*brief}) {
    const json profile = FinalProfile(*daemon_, container->id());
    EXPECT_TRUE(Ended(profile));
    EXPECT_EQ(profile.at("confidence").at("starts"), "1") << profile.dump(1);
    EXPECT_EQ(Number(Row(profile, "CAP_NET_RAW"), "count"), container == &*brief ? 7u : 1u);
    EXPECT_THAT(Gaps(profile), IsEmpty());
  }
  const json fresh = ProfileWith(*newcomer, "CAP_CHOWN", 1);
  if (KernelAwaitsEnds()) {  // also the end of a call is seen meanwhile
    EXPECT_EQ(Number(Row(fresh, "CAP_CHOWN").at("evidence").at(0), "succeeded"), 1u)
        << fresh.dump(1);
  }
  EXPECT_EQ(fresh.at("confidence").at("starts"), "1") << fresh.dump(1);
  EXPECT_FALSE(Ended(fresh));
  ASSERT_TRUE(lasting->process().WriteLine(""));
  ASSERT_TRUE(Said(*lasting, 3));
  EXPECT_THAT(Gaps(ProfileWith(*lasting, "CAP_NET_RAW", 15)), IsEmpty());
}

TEST_F(KeepTest, KilledInTheMiddleOfItAgainAndAgainEachCheckCountsOnce) {
  StartDaemon();
  auto container = Trigger({"--count", "200000", "NET_RAW", "wait"});
  ASSERT_TRUE(container);
  for (int i = 0; i < 6; ++i) {
    daemon_->Capmon({"profile", container->id()});  // makes capmond read the counters
    Kill();
    StartDaemon();
  }
  ASSERT_TRUE(Said(*container, 1));
  const json profile = ProfileWith(*container, "CAP_NET_RAW", 200000);
  EXPECT_THAT(Gaps(profile), IsEmpty());
  EXPECT_THAT(Generations(), SizeIs(1));
}

// Loading, pinning, adopting, replacing: wherever one capmond is killed, the next one continues.
TEST_F(KeepTest, KilledWhileItStartsNothingIsLostAndNothingStays) {
  StartDaemon();
  auto container = Trigger({"--count", "50000", "NET_RAW", "wait"});
  ASSERT_TRUE(container);
  Kill();
  for (int i = 0; i < 12; ++i) {
    // Every third one adopts; the others have other settings and replace.
    auto doomed =
        ChildProcess::Start({CapmondBinary(), "--address", "unix://" + directory_ / "capmon.sock",
                             "--log-level", "warn", "--state-dir", state_, "--pin-dir", pins_,
                             "--keys-per-cgroup", std::to_string(1024 + i / 3)});
    ASSERT_TRUE(doomed.ok()) << doomed.status();
    std::this_thread::sleep_for(std::chrono::milliseconds(20 * (i + 1)));
    doomed->Signal(SIGKILL);
    ASSERT_EQ(doomed->Wait().value_or(-1), 128 + SIGKILL) << doomed->err();
  }
  ASSERT_TRUE(Said(*container, 1));
  auto brief = Trigger({"--count", "3", "NET_RAW"});
  ASSERT_TRUE(brief);
  ASSERT_EQ(brief->process().Wait().value_or(-1), 0);
  StartDaemon();
  const json profile = FinalProfile(*daemon_, brief->id());
  EXPECT_EQ(Number(Row(profile, "CAP_NET_RAW"), "count"), 3u) << profile.dump(1);
  EXPECT_THAT(Generations(), SizeIs(1));
  const json whole = daemon_->Json({"profile", container->id()});
  EXPECT_GE(Number(Row(whole, "CAP_NET_RAW"), "count"), 50000u) << whole.dump(1);
  EXPECT_THAT(Gaps(whole), IsEmpty());
}

TEST_F(KeepTest, AfterACleanStopCountingGoesOn) {
  StartDaemon();
  auto container = Trigger({"--count", "3", "NET_RAW", "wait", "NET_RAW", "wait"});
  ASSERT_TRUE(container && Said(*container, 1));
  const BpfObjects objects = BpfObjectsOf(daemon_->process().pid());
  EXPECT_EQ(daemon_->Stop().value_or(-1), 0) << daemon_->process().err();
  EXPECT_FALSE(StillThere(objects).links.empty());
  ASSERT_TRUE(container->process().WriteLine(""));
  ASSERT_TRUE(Said(*container, 2));
  StartDaemon();
  EXPECT_THAT(Gaps(ProfileWith(*container, "CAP_NET_RAW", 6)), IsEmpty());
}

TEST_F(KeepTest, WithoutPinsTheProfileShowsTheGap) {
  const Words flags = {"--state-dir", state_, "--pin-dir", "none"};
  StartDaemonWith(flags);
  auto container = Trigger({"CHOWN", "wait", "NET_RAW", "wait", "NET_RAW", "wait"});
  ASSERT_TRUE(container && Said(*container, 1));
  const json before = ProfileWith(*container, "CAP_CHOWN", 1);
  auto ended = Trigger({"NET_RAW"});
  ASSERT_TRUE(ended);
  ASSERT_EQ(ended->process().Wait().value_or(-1), 0);
  const json final_before = FinalProfile(*daemon_, ended->id());
  Kill();
  ASSERT_TRUE(container->process().WriteLine(""));
  ASSERT_TRUE(Said(*container, 2));

  StartDaemonWith(flags);
  const json after = daemon_->Json({"profile", container->id()});
  EXPECT_EQ(Row(after, "CAP_CHOWN"), Row(before, "CAP_CHOWN"));
  EXPECT_EQ(after.at("held"), before.at("held"));
  EXPECT_EQ(after.at("container"), before.at("container"));
  EXPECT_EQ(Number(Row(after, "CAP_NET_RAW"), "count"), 0u) << after.dump(1);
  ASSERT_THAT(Gaps(after), SizeIs(1)) << after.dump(1);
  EXPECT_EQ(Gaps(after)[0].at("reason"), "capmond did not run");
  EXPECT_LT(Gaps(after)[0].at("from"), Gaps(after)[0].at("to"));
  EXPECT_THAT(after.at("recommendation").at("warnings").dump(), HasSubstr("not watched"));
  EXPECT_EQ(daemon_->Json({"profile", ended->id()}), final_before);
  ASSERT_TRUE(container->process().WriteLine(""));
  ASSERT_TRUE(Said(*container, 3));
  ProfileWith(*container, "CAP_NET_RAW", 1);
}

TEST_F(KeepTest, WhatIsResetStaysForgotten) {
  StartDaemon();
  auto container = Trigger({"CHOWN", "wait"});
  ASSERT_TRUE(container && Said(*container, 1));
  ProfileWith(*container, "CAP_CHOWN", 1);
  ASSERT_EQ(daemon_->Capmon({"reset", container->id()}).exit_code, 0);
  Kill();
  StartDaemon();
  const json profile = daemon_->Json({"profile", container->id()});
  EXPECT_EQ(Number(Row(profile, "CAP_CHOWN"), "checks"), 0u) << profile.dump(1);
}

TEST_F(KeepTest, CountersOfAnotherLayoutAreReplaced) {
  StartDaemon();
  auto container = Trigger({"CHOWN", "wait", "NET_RAW", "wait"});
  ASSERT_TRUE(container && Said(*container, 1));
  ProfileWith(*container, "CAP_CHOWN", 1);
  const BpfObjects old = BpfObjectsOf(daemon_->process().pid());
  Kill();
  const Words before = Generations();
  ASSERT_THAT(before, SizeIs(1));
  const UniqueFd about(bpf_obj_get((before[0] + "/about").c_str()));
  ASSERT_TRUE(about);
  capmon_generation generation{};
  const uint32_t first = 0;
  ASSERT_EQ(bpf_map_lookup_elem(about.get(), &first, &generation), 0);
  ++generation.layout_version;
  ASSERT_EQ(bpf_map_update_elem(about.get(), &first, &generation, BPF_ANY), 0);

  StartDaemon();
  ASSERT_THAT(Generations(), SizeIs(1));
  EXPECT_NE(Generations(), before);
  EXPECT_TRUE(Eventually([&] { return StillThere(old).links.empty(); }));
  EXPECT_THAT(daemon_->process().err(), HasSubstr("layout"));
  ASSERT_TRUE(container->process().WriteLine(""));
  ASSERT_TRUE(Said(*container, 2));
  const json profile = ProfileWith(*container, "CAP_NET_RAW", 1);
  EXPECT_EQ(Number(Row(profile, "CAP_CHOWN"), "count"), 1u) << profile.dump(1);
  EXPECT_THAT(Gaps(profile), SizeIs(1));
}

TEST_F(KeepTest, OtherSettingsTakeOverWhatWasCounted) {
  StartDaemon();
  auto container = Trigger({"--count", "5", "NET_RAW", "wait", "NET_RAW", "wait"});
  ASSERT_TRUE(container && Said(*container, 1));
  ProfileWith(*container, "CAP_NET_RAW", 5);
  Kill();
  const Words before = Generations();
  ASSERT_TRUE(container->process().WriteLine(""));
  ASSERT_TRUE(Said(*container, 2));
  auto brief = Trigger({"CHOWN"});
  ASSERT_TRUE(brief);
  ASSERT_EQ(brief->process().Wait().value_or(-1), 0);

  StartDaemon({"--max-checks", "20000"});
  EXPECT_THAT(Gaps(ProfileWith(*container, "CAP_NET_RAW", 10)), IsEmpty());
  const json profile = FinalProfile(*daemon_, brief->id());
  EXPECT_EQ(Number(Row(profile, "CAP_CHOWN"), "count"), 1u) << profile.dump(1);
  EXPECT_EQ(profile.at("confidence").at("starts"), "1") << profile.dump(1);
  ASSERT_THAT(Generations(), SizeIs(1));
  EXPECT_NE(Generations(), before);
}

TEST_F(KeepTest, HalfPinnedLeftoversGo) {
  const std::string half = pins_ + "/0123456789abcdef";
  ASSERT_TRUE(std::filesystem::create_directories(half));
  const UniqueFd map(bpf_map_create(BPF_MAP_TYPE_ARRAY, "half", 4, 4, 1, nullptr));
  ASSERT_EQ(bpf_obj_pin(map.get(), (half + "/map_losses").c_str()), 0);
  StartDaemon();
  EXPECT_FALSE(std::filesystem::exists(half));
  EXPECT_THAT(Generations(), SizeIs(1));
}

// Started once with too few privileges.
TEST_F(KeepTest, ACapmondThatMayNotReadPinsLeavesThemAlone) {
  StartDaemon();
  auto container = Trigger({"--count", "5", "NET_RAW", "wait"});
  ASSERT_TRUE(container && Said(*container, 1));
  ProfileWith(*container, "CAP_NET_RAW", 5);
  Kill();
  const Words before = Generations();
  ASSERT_THAT(before, SizeIs(1));
  const std::string about = before[0] + "/about";
  ASSERT_EQ(chmod(about.c_str(), 0), 0);  // kernels before 5.19 refuse without that
  EXPECT_EQ(RunProgram({"setpriv", "--bounding-set=-bpf,-perfmon,-sys_admin,-dac_override",
                        CapmondBinary(), "--address", "unix://" + directory_ / "other.sock",
                        "--log-level", "warn", "--state-dir", "none", "--pin-dir", pins_})
                .exit_code,
            6);
  ASSERT_EQ(chmod(about.c_str(), 0600), 0);
  EXPECT_EQ(Generations(), before);
  StartDaemon();
  EXPECT_EQ(Generations(), before);
  EXPECT_THAT(Gaps(ProfileWith(*container, "CAP_NET_RAW", 5)), IsEmpty());
}

TEST_F(KeepTest, AProcessWithTheNumberOfADeadDaemonIsCounted) {
  StartDaemon();
  const pid_t number = daemon_->process().pid();
  Kill();
  // Another one for each attempt: of each kind of check in a cgroup the first process is named.
  std::optional<TestCgroup> cgroup;
  bool met = false;
  for (int attempt = 0; attempt < 200 && !met; ++attempt) {
    cgroup.emplace();
    ProcessOptions inside;
    inside.cgroups = cgroup->directories();
    std::ofstream("/proc/sys/kernel/ns_last_pid") << number - 1;
    auto process = ChildProcess::Start({directory_ / "rootfs/bin/trigger", "NET_RAW"}, inside);
    ASSERT_TRUE(process.ok()) << process.status();
    met = process->pid() == number;
    ASSERT_EQ(process->Wait().value_or(-1), 0);
  }
  if (!met) GTEST_SKIP() << "no process could be given the number again";
  StartDaemon();
  const json explained = daemon_->Json({"explain", cgroup->id(), "NET_RAW"});
  bool seen = false;
  for (const json& evidence : explained.at("capability").at("evidence"))
    seen |= evidence.at("pid") == number;
  EXPECT_TRUE(seen) << explained.dump(1);
}

TEST_F(KeepTest, UninstallLeavesNoTrace) {
  StartDaemon();
  const BpfObjects objects = BpfObjectsOf(daemon_->process().pid());
  ASSERT_FALSE(objects.links.empty());
  const Outcome refused = Uninstall();
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
  EXPECT_EQ(daemon_->Capmon({"status"}).exit_code, 0);
  Kill();

  const Outcome removed = Uninstall();
  EXPECT_EQ(removed.exit_code, 0) << removed.err;
  EXPECT_THAT(removed.out, HasSubstr(pins_));
  EXPECT_THAT(removed.out, HasSubstr(state_));
  for (const std::string& path : {pins_, state_, directory_ / "capmon.sock"})
    EXPECT_FALSE(std::filesystem::exists(path)) << path;
  EXPECT_TRUE(Eventually([&] {
    const BpfObjects left = StillThere(objects);
    return left.links.empty() && left.programs.empty();
  }));
  // If capmond created the socket's directory, it removes it.
  const std::string run = directory_ / "run";
  ASSERT_EQ(mkdir(run.c_str(), 0750), 0);
  EXPECT_EQ(RunProgram({CapmondBinary(), "--address", "unix://" + run + "/capmon.sock",
                        "--state-dir", "none", "--pin-dir", "none", "--uninstall"})
                .exit_code,
            0);
  EXPECT_FALSE(std::filesystem::exists(run));
  const Outcome again = Uninstall();
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("nothing"));
}

TEST_F(KeepTest, ASecondDaemonOnTheSameDirectoryIsRejected) {
  StartDaemon();
  const auto expect_refusal = [](const Outcome& outcome, const std::string& directory) {
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(directory));
  };
  expect_refusal(Capmond({"--log-level", "warn", "--state-dir", state_, "--pin-dir", "none"}),
                 state_);
  expect_refusal(Capmond({"--log-level", "warn", "--state-dir", "none", "--pin-dir", pins_}),
                 pins_);
  EXPECT_EQ(daemon_->Capmon({"status"}).exit_code, 0);
}

TEST_F(KeepTest, DirectoriesThatCannotBe) {
  EXPECT_EQ(Capmond({"--state-dir", directory_ / "missing/state", "--pin-dir", "none"}).exit_code,
            2);
  const Outcome elsewhere = Capmond({"--state-dir", "none", "--pin-dir", directory_ / "pins"});
  EXPECT_EQ(elsewhere.exit_code, 2);
  EXPECT_THAT(elsewhere.err, HasSubstr("BPF file system"));
  EXPECT_EQ(Capmond({"--state-dir", "relative"}).exit_code, 2);
}

TEST_F(KeepTest, StatusSaysWhatARestartWouldLose) {
  StartDaemonWith({});
  const json status = daemon_->Json({"status"});
  ASSERT_THAT(status.at("keeps"), SizeIs(2)) << status.dump(1);
  for (const json& keep : status.at("keeps")) EXPECT_EQ(keep.at("state"), "absent");
  EXPECT_THAT(daemon_->Capmon({"status"}).out, HasSubstr("lost when capmond stops"));
}

}  // namespace
}  // namespace capmon

// SPDX-License-Identifier: Apache-2.0
// For any events: the changes that the monitor reports are enough for the store to have what the
// monitor has.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "daemon/monitor.h"
#include "daemon/store/sqlite_store.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

constexpr char kBoot[] = "this boot";

// Events about a few cgroups, containers and programs, so that they interact.
class RandomEvents {
 public:
  explicit RandomEvents(uint32_t seed) : random_(seed) {}

  KernelEvent Next(const Monitor& monitor) {
    now_ += Below(3) * kSecond / 7;
    switch (Below(17)) {
      case 0:
      case 1: return CgroupMade{now_, Cgroup(), Path(), Below(2) == 0};
      case 2: return CgroupRemoved{now_, Cgroup()};
      case 3:
      case 4:
      case 5: return ChecksCounted{now_, Key(), {1 + Below(9), Below(2), Below(2), Below(8)}};
      case 6: return Sample();
      case 7: return Exec();
      case 8: return OwnSets();
      case 9: return Description();
      case 10: return SurroundingsSeen{now_, Cgroup(), {{"fact " + Text(), Text()}}};
      case 11: return EvidenceLost{now_, Below(2) == 0 ? "map-full" : "ring-check", 0, 1};
      case 12: return Request(monitor);
      case 13: return File();
      case 14: return RefusedExec();
      case 15: return GatedCall();
      default: return Tick{now_};
    }
  }
  uint64_t Below(uint64_t limit) { return random_() % limit; }
  TimeNs now() const { return now_; }

 private:
  CgroupId Cgroup() { return 1 + Below(9); }
  std::string Id() { return std::string(64, static_cast<char>('a' + Below(4))); }
  std::string Text() { return std::string(1, static_cast<char>('a' + Below(3))); }
  CapabilitySet Set() { return CapabilitySet(Below(16)); }
  ExeOrigin Origin() { return Below(4) == 0 ? ExeOrigin::kHost : ExeOrigin::kOwn; }
  std::string Path() {
    switch (Below(5)) {
      case 0: return "/docker/" + Id();
      case 1: return "/docker/" + Id() + "/inner";
      case 2: return "/system.slice/" + Text() + ".service";
      case 3: return "/groups/" + Id();
      default: return "/groups/" + Id() + "/" + Text();
    }
  }
  CheckKey Key() {
    CheckKey key;
    key.cgroup = Cgroup();
    key.capability = static_cast<Capability>(Below(4));
    key.granted = Below(2) == 0;
    key.exe = static_cast<uint32_t>(Below(3));
    key.exe_origin = Origin();
    key.site = Text();
    return key;
  }
  CheckSampled Sample() {
    CheckSampled sampled;
    sampled.time = now_;
    sampled.key = Key();
    sampled.pid = static_cast<uint32_t>(Below(99));
    sampled.comm = sampled.binary = Text();
    sampled.callers = {Text(), Text()};
    return sampled;
  }
  ProcessExec Exec() {
    ProcessExec exec;
    exec.time = now_;
    exec.cgroup = Cgroup();
    exec.exe = static_cast<uint32_t>(Below(3));
    exec.path = "/bin/" + Text();
    exec.exe_origin = Origin();
    exec.permitted = exec.bounding = Set();
    exec.before_known = exec.set_id_file = exec.secure_exec = Below(2) == 0;
    exec.euid_before = static_cast<uint32_t>(Below(2));
    return exec;
  }
  CapabilitiesSet OwnSets() {
    CapabilitiesSet set;
    set.time = now_;
    set.cgroup = Cgroup();
    set.exe_origin = Origin();
    set.permitted = Set();
    set.inheritable = Set();
    set.ambient = Set();
    set.raises = Below(2) == 0;
    set.refused = Below(3) == 0;
    set.comm = Text();
    return set;
  }
  FileRead File() {
    FileRead read;
    read.time = now_;
    read.cgroup = Cgroup();
    read.exe = static_cast<uint32_t>(Below(3));
    read.path = "/bin/" + Text();
    read.known = Below(2) == 0;
    read.permitted = Set();
    return read;
  }
  ExecRefused RefusedExec() {
    ExecRefused refused;
    refused.time = now_;
    refused.cgroup = Cgroup();
    refused.path = "/bin/" + Text();
    refused.known = refused.effective = true;
    refused.permitted = Set();
    return refused;
  }
  CallNoticed GatedCall() {
    CallNoticed noticed;
    noticed.time = now_;
    noticed.cgroup = Cgroup();
    noticed.comm = Text();
    noticed.syscall = Below(2) == 0 ? "unshare" : "mount";
    noticed.refused = Below(2) == 0;
    return noticed;
  }
  ContainerDescribed Description() {
    ContainerDescribed described;
    described.time = now_;
    described.container_id = Id();
    described.source = Below(2) == 0 ? "docker" : "oci";
    described.name = Text();
    described.labels = {{"label", Text()}};
    if (Below(2) == 0) described.cgroup_path = Path();
    if (Below(2) == 0) described.held.emplace().bounding = Set();
    return described;
  }
  ProofRecorded Proven() {
    ProofRecorded proven;
    proven.time = now_;
    proven.workload = "docker:" + Text();
    proven.capability = static_cast<Capability>(Below(4));
    proven.finding = Below(2) == 0 ? "needed" : "undecided";
    proven.digest = Text();
    proven.uses = {Text()};
    return proven;
  }
  KernelEvent Request(const Monitor& monitor) {
    const std::vector<Profile> all = monitor.Profiles();
    const std::string key = all.empty() ? "" : all[Below(all.size())].container.key;
    if (Below(3) == 0) return ProfileReset{now_, key};
    if (Below(2) == 0) return Proven();
    return BaselineSet{now_, key};
  }

  std::mt19937 random_;
  TimeNs now_ = kSecond;
};

// Returns the first difference, as a sentence, or "".
std::string Difference(const Monitor& monitor, const MonitorState& kept) {
  Monitor restored(CallSites::BuiltIn(), {});  // with room: it evicts none before it is compared
  restored.Restore(kept);
  if (monitor.AllProofs().size() != restored.AllProofs().size())
    return "other workloads are proven";
  for (const auto& [workload, proofs] : monitor.AllProofs()) {
    const auto other = restored.ProofsOf(workload);
    if (other == nullptr || *other != *proofs) return workload + " has other proofs";
  }
  const std::vector<Profile> expected = monitor.Profiles(), actual = restored.Profiles();
  for (const Profile& profile : expected) {
    const std::string& key = profile.container.key;
    const std::optional<Profile> other = restored.Get(key);
    if (!other) return key + " is missing";
    if (!(profile.container == other->container)) return key + " is another container";
    if (profile.checks != other->checks) return key + " has other evidence";
    if (profile.gains != other->gains) return key + " has other gains";
    if (profile.files != other->files) return key + " has other files";
    if (profile.refusals != other->refusals) return key + " has other refusals";
    if (profile.calls != other->calls) return key + " has other calls";
    if (!(profile.activity == other->activity)) return key + " has other activity";
    if (profile.earlier_uses != other->earlier_uses) return key + " has other earlier uses";
    if (profile.entry_exes != other->entry_exes) return key + " has another entry point";
    if (profile.losses != other->losses) return key + " has other losses";
    if (profile.gaps != other->gaps) return key + " has other gaps";
    if (profile.held != other->held) return key + " has other sets";
    if (profile.binaries != other->binaries) return key + " has other binaries";
    if (profile.surroundings != other->surroundings) return key + " has other surroundings";
    if (!(profile == *other)) return key + " has other numbers";
  }
  return expected.size() == actual.size() ? "" : "there are more than there should be";
}

class MonitorStoreTest : public testing::TestWithParam<uint32_t> {};

TEST_P(MonitorStoreTest, TheStoreHoldsWhatTheMonitorKnows) {
  const Monitor::Options options{
      .baseline_after = 20 * kSecond, .max_containers = 6, .track_changes = true};
  Monitor monitor(CallSites::BuiltIn(), options);
  RandomEvents events(GetParam());
  TempDir directory;
  const auto reopened = [&] { return *SqliteStore::Open(directory / "state", kBoot); };
  auto store = reopened();
  for (int i = 0; i < 300; ++i) {
    for (uint64_t n = 1 + events.Below(8); n > 0; --n) monitor.Apply(events.Next(monitor));
    if (events.Below(10) == 0) monitor.NoteGap({events.now(), events.now(), "a gap"});
    monitor.Apply(Tick{events.now()});
    if (events.Below(8) == 0) monitor.Rollback(monitor.DrainChanges());  // as with a full disk
    ASSERT_TRUE(store->Write(monitor.DrainChanges(), {}).ok());
    if (i % 10 != 9) continue;
    store.reset();
    store = reopened();
    ASSERT_EQ(Difference(monitor, store->DrainLoaded()), "")
        << "after " << i << " writes; seed " << GetParam();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, MonitorStoreTest, testing::Range(1u, 9u));

}  // namespace
}  // namespace capmon

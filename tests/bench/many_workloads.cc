// SPDX-License-Identifier: Apache-2.0
// How long capmond takes with 10,000 workloads in its store: to start, to list them, to answer for
// one. Prints times and asserts none; not a test.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "daemon/api/convert.h"
#include "daemon/monitor.h"
#include "daemon/store/sqlite_store.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

constexpr char kBoot[] = "this boot";
constexpr int kChecksOfOne = 20;
constexpr int kAsked = 100;

double Seconds(const std::function<void()>& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void Report(const char* what, double seconds) { fmt::print("{:<44}{:>10.3f} s\n", what, seconds); }

std::string NameOf(int number) { return fmt::format("compose:shop/service{}", number); }

// One instance of a workload of its own: starts, does something, ends.
class Life {
 public:
  explicit Life(Monitor& monitor) : monitor_(monitor) {}

  void Run(int number) {
    const auto cgroup = static_cast<CgroupId>(1000 + number);
    const std::string id = fmt::format("{:064x}", number + 1);
    monitor_.Apply(CgroupMade{now_ += kSecond, cgroup, "/docker/" + id, false});
    Start(cgroup);
    Describe(id, number);
    for (int kind = 0; kind < kChecksOfOne; ++kind) Check(cgroup, kind);
    monitor_.Apply(CgroupRemoved{now_ += kSecond, cgroup});
    monitor_.Apply(Tick{now_});
  }

 private:
  void Start(CgroupId cgroup) {
    ProcessExec exec;
    exec.time = now_;
    exec.cgroup = cgroup;
    exec.path = "/bin/server";
    exec.exe = 7;
    exec.exe_origin = ExeOrigin::kOwn;
    exec.permitted = exec.effective = exec.bounding = CapabilitySet(0xa80425fb);
    monitor_.Apply(exec);
  }
  void Describe(const std::string& id, int number) {
    ContainerDescribed described;
    described.time = now_;
    described.source = "docker";
    described.container_id = id;
    described.name = fmt::format("shop-service{}-1", number);
    described.image = "nginx";
    described.image_digest = "sha256:a";
    described.workload = NameOf(number);
    monitor_.Apply(described);
  }
  void Check(CgroupId cgroup, int kind) {
    ChecksCounted counted;
    counted.time = now_ += kSecond / kChecksOfOne;
    counted.key.cgroup = cgroup;
    counted.key.capability = static_cast<Capability>(kind % 14);
    counted.key.granted = counted.key.capability != 1;
    counted.key.traits = counted.key.granted ? kHeld : 0;
    counted.key.exe_origin = ExeOrigin::kOwn;
    counted.key.exe = 7;
    counted.key.site = fmt::format("site{}", kind);
    counted.key.syscall = "ioctl";
    counted.counts.count = counted.counts.succeeded = 3;
    monitor_.Apply(counted);
  }

  Monitor& monitor_;
  TimeNs now_ = kSecond;
};

Monitor NewMonitor() {
  return {CallSites::BuiltIn(), {.baseline_after = 300 * kSecond, .track_changes = true}};
}

// As ListWorkloads does.
size_t List(const Monitor& monitor) {
  size_t bytes = 0;
  for (const WorkloadSnapshot& workload : ByWorkload(monitor.Snapshots(/*folded=*/true)))
    bytes += Summarize(JudgeNewest(workload, CallSites::BuiltIn(), {})).ByteSizeLong();
  return bytes;
}

// As GetProfile does. Every hundredth of the workloads.
void AskForSome(const Monitor& monitor, int workloads) {
  for (int i = 0; i < kAsked; ++i) {
    const auto workload = monitor.WorkloadOf(NameOf(i * (workloads / kAsked)), false);
    if (!workload.ok()) continue;
    (void)ToProto(JudgeNewest(*workload, CallSites::BuiltIn(), {}, true), false);
  }
}

void FillStore(const std::string& directory, int workloads) {
  Monitor monitor = NewMonitor();
  monitor.Apply(SourceStarted{kSecond, "tp_btf", "6.18", "v2", true, {}});
  Life life(monitor);
  const int tenth = std::max(workloads / 10, 1);
  for (int done = 0; done < workloads; done += tenth)
    Report(fmt::format("events of workloads {} to {}", done, done + tenth - 1).c_str(),
           Seconds([&] {
             for (int i = done; i < done + tenth; ++i) life.Run(i);
           }));
  for (const auto& [name, count] : monitor.Status().counters)
    if (count > 0) fmt::print("{:<44}{:>10}\n", name, count);
  auto store = SqliteStore::Open(directory, kBoot);
  if (!store.ok()) std::abort();
  Report("write of everything", Seconds([&] {
           if (!(*store)->Write(monitor.DrainChanges(), {}).ok()) std::abort();
         }));
}

uintmax_t BytesBelow(const std::string& directory) {
  uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) bytes += entry.file_size();
  return bytes;
}

int Run(int workloads) {
  TempDir directory;
  const std::string state = directory / "state";
  FillStore(state, workloads);
  fmt::print("{:<44}{:>10}\n", "bytes of the state", BytesBelow(state));
  Monitor monitor = NewMonitor();
  Report("start-up: open the store and restore", Seconds([&] {
           auto store = SqliteStore::Open(state, kBoot);
           if (!store.ok()) std::abort();
           monitor.Restore((*store)->DrainLoaded());
         }));
  size_t bytes = 0;
  Report("capmon list -a", Seconds([&] { bytes = List(monitor); }));
  fmt::print("{:<44}{:>10}\n", "bytes of that answer", bytes);
  Report("capmon profile, on average", Seconds([&] { AskForSome(monitor, workloads); }) / kAsked);
  return 0;
}

}  // namespace
}  // namespace capmon

int main(int argc, char** argv) { return capmon::Run(argc > 1 ? std::atoi(argv[1]) : 10'000); }

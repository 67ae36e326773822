// SPDX-License-Identifier: Apache-2.0
// What capmon adds to a capability check, and to a system call without one, as ratios to the same
// call with nothing attached. Rounds of all variants are interleaved, because a shared machine
// drifts, and of many short runs a fast one counts, because others use the machine as well. Google
// Benchmark does the timing.
#include <benchmark/benchmark.h>
#include <bpf/libbpf.h>
#include <capmon_empty_bpf.skel.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "daemon/collector/bpf_source.h"

namespace capmon {
namespace {

// Makes one check, then fails with EINVAL and changes nothing.
void MakeCheck() { syscall(SYS_sethostname, nullptr, -1L); }
void MakeNoCheck() { syscall(SYS_getppid); }

struct EmptyDelete {
  void operator()(capmon_empty_bpf* skeleton) const { capmon_empty_bpf__destroy(skeleton); }
};

// Keeps a program attached during its lifetime.
class Attached {
 public:
  static Attached Nothing() { return {}; }
  static Attached Empty(const std::string& backend) {
    Attached attached;
    attached.empty_.reset(capmon_empty_bpf__open());
    bpf_program* program = backend == "fexit" ? attached.empty_->progs.empty_fexit
                                              : attached.empty_->progs.empty_tp_btf;
    bpf_program__set_autoload(program, true);
    if (capmon_empty_bpf__load(attached.empty_.get()) == 0)
      attached.link_ = bpf_program__attach(program);
    return attached;
  }
  static Attached Capmon(const std::string& backend, bool outcomes) {
    Attached attached;
    BpfSource::Options options;
    options.roots.cgroup_mount = "/nonexistent";
    options.backend = backend;
    auto source = BpfSource::Open(options);
    if (!source.ok()) return attached;
    attached.source_ = *std::move(source);
    attached.source_->MeasureOwnChecks();
    if (outcomes) (void)attached.source_->WatchOutcomes(true);
    return attached;
  }
  Attached(Attached&& other) noexcept
      : empty_(std::move(other.empty_)),
        source_(std::move(other.source_)),
        link_(std::exchange(other.link_, nullptr)) {}
  ~Attached() { bpf_link__destroy(link_); }

  bool works() const { return link_ != nullptr || source_ != nullptr; }

 private:
  Attached() = default;
  std::unique_ptr<capmon_empty_bpf, EmptyDelete> empty_;
  std::unique_ptr<BpfSource> source_;
  bpf_link* link_ = nullptr;
};

struct Variant {
  std::string name;
  std::function<Attached()> attach;
};

// Collects the times of all runs, by name.
class Collector : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs)
      if (run.run_type == Run::RT_Iteration)
        times[run.run_name.function_name].push_back(run.GetAdjustedRealTime());
  }
  std::map<std::string, std::vector<double>> times;
};

// Returns the fast end of the distribution: one in twenty is faster.
double Fast(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 20];
}

}  // namespace
}  // namespace capmon

int main(int argc, char** argv) {
  using capmon::Attached;
  benchmark::Initialize(&argc, argv);
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(1 % sysconf(_SC_NPROCESSORS_ONLN), &cpus);
  sched_setaffinity(0, sizeof(cpus), &cpus);

  const std::string backend = Attached::Capmon("fexit", false).works() ? "fexit" : "tp_btf";
  const std::vector<capmon::Variant> variants = {
      {"nothing attached", &Attached::Nothing},
      {"an empty program", [&] { return Attached::Empty(backend); }},
      {"capmon", [&] { return Attached::Capmon(backend, false); }},
      {"capmon, learning", [&] { return Attached::Capmon(backend, true); }}};
  const std::vector<std::pair<std::string, void (*)()>> calls = {
      {"a capability check", &capmon::MakeCheck}, {"no check (getppid)", &capmon::MakeNoCheck}};

  capmon::Collector collector;
  constexpr int kRounds = 15;
  for (int round = 0; round < kRounds; ++round) {
    for (const capmon::Variant& variant : variants) {
      const Attached attached = variant.attach();
      benchmark::ClearRegisteredBenchmarks();
      for (const auto& [name, call] : calls) {
        benchmark::RegisterBenchmark((name + "|" + variant.name).c_str(),
                                     [call = call](benchmark::State& state) {
                                       for (auto _ : state) call();
                                     })
            ->Iterations(1000)
            ->Repetitions(40);
      }
      benchmark::RunSpecifiedBenchmarks(&collector);
    }
  }
  fmt::print("back end {}, fast runs of {} interleaved rounds\n\n", backend, kRounds);
  fmt::print("{:<22} {:<20} {:>8} {:>8} {:>22}\n", "SYSTEM CALL", "ATTACHED", "NS", "RATIO",
             "ADDED / EMPTY'S ADDED");
  for (const auto& [name, call] : calls) {
    const double base = capmon::Fast(collector.times[name + "|" + variants[0].name]);
    const double empty = capmon::Fast(collector.times[name + "|" + variants[1].name]) - base;
    for (const capmon::Variant& variant : variants) {
      const double time = capmon::Fast(collector.times[name + "|" + variant.name]);
      fmt::print("{:<22} {:<20} {:>8.0f} {:>8.2f} {:>22.2f}\n", name, variant.name, time,
                 time / base, empty > 0 ? (time - base) / empty : 0.0);
    }
  }
  return 0;
}

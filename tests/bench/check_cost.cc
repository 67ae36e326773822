// SPDX-License-Identifier: Apache-2.0
// What programs add to a capability check, and to a system call without one. Rounds of all variants
// are interleaved, because a shared machine drifts, and of many short runs in a round a fast one
// counts, because others use the machine as well. Google Benchmark does the timing.
//   bench_check_cost check [ROUNDS]   JSON: nanoseconds by back end, call, variant, round
//   bench_check_cost peers [ROUNDS]   the same for the designs of peers, on the best back end
#include <benchmark/benchmark.h>
#include <bpf/libbpf.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/bench/attached.h"

namespace capmon {
namespace {

constexpr int kRounds = 15;
constexpr int kRuns = 40;  // of one variant in a round
constexpr int kCallsInRun = 1000;

struct Variant {
  std::string name;
  std::function<Attached()> attach;
};

std::vector<Variant> Variants(bool peers, const std::string& backend) {
  std::vector<Variant> variants = {{"nothing", &Attached::Nothing},
                                   {"empty", [=] { return Attached::Empty(backend); }}};
  if (peers) {
    for (const PeerDesign& design : PeerDesigns())
      variants.push_back({design.name, [=] { return Attached::Peer(design, backend); }});
  } else {
    variants.push_back({"empty on sys_exit", [] { return Attached::EmptySysExit(false); }});
    variants.push_back({"empty on raw sys_exit", [] { return Attached::EmptySysExit(true); }});
  }
  variants.push_back({"capmon", [=] { return Attached::Capmon(backend, false); }});
  variants.push_back({"capmon, watching calls", [=] { return Attached::Capmon(backend, true); }});
  return variants;
}

// Collects the times of all runs, by call.
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
  return values[values.size() / 20];
}

void KeepToOneCpu() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(1 % sysconf(_SC_NPROCESSORS_ONLN), &cpus);
  sched_setaffinity(0, sizeof(cpus), &cpus);
}

void Measure(const Variant& variant, nlohmann::json& results) {
  const Attached attached = variant.attach();
  if (variant.name != "nothing" && !attached.works()) return;
  benchmark::ClearRegisteredBenchmarks();
  for (const auto& [name, call] : {std::pair{"check", &MakeCheck}, {"getppid", &MakeNoCheck}})
    benchmark::RegisterBenchmark(name,
                                 [call = call](benchmark::State& state) {
                                   for (auto _ : state) call();
                                 })
        ->Iterations(kCallsInRun)
        ->Repetitions(kRuns);
  Collector collector;
  benchmark::RunSpecifiedBenchmarks(&collector);
  for (const auto& [call, times] : collector.times)
    results[call][variant.name].push_back(Fast(times));
}

}  // namespace
}  // namespace capmon

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  libbpf_set_print([](libbpf_print_level, const char*, va_list) { return 0; });
  capmon::KeepToOneCpu();
  const bool peers = argc > 1 && std::string(argv[1]) == "peers";
  const int rounds = argc > 2 ? std::atoi(argv[2]) : capmon::kRounds;
  std::vector<std::string> backends = capmon::BackendsHere();
  if (backends.empty()) return 1;
  if (peers) backends.resize(1);
  nlohmann::json results;
  for (int round = 0; round < rounds; ++round)
    for (const std::string& backend : backends)
      for (const capmon::Variant& variant : capmon::Variants(peers, backend))
        capmon::Measure(variant, results["nanoseconds"][backend]);
  results["rounds"] = rounds;
  std::cout << results << "\n";
  return 0;
}

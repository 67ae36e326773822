// SPDX-License-Identifier: Apache-2.0
// How many checks each design misses when all CPUs make checks at full speed. Writes JSON.
//   bench_full_speed_loss [CHECKS_PER_CPU]
#include <bpf/libbpf.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "tests/bench/attached.h"

namespace capmon {
namespace {

using std::chrono::steady_clock;

// Returns the seconds that they took.
double MakeChecksOnAllCpus(int each) {
  const auto start = steady_clock::now();
  std::vector<std::thread> threads;
  for (long cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN); ++cpu)
    threads.emplace_back([each] {
      for (int i = 0; i < each; ++i) MakeCheck();
    });
  for (std::thread& thread : threads) thread.join();
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

// Returns what arrived, once nothing more does.
uint64_t AllReceived(Attached& attached) {
  uint64_t sum = 0;
  for (int quiet = 0, waits = 0; quiet < 5 && waits < 100; ++waits) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const uint64_t more = attached.Received();
    sum += more;
    quiet = more == 0 ? quiet + 1 : 0;
  }
  return sum;
}

nlohmann::json Measure(Attached attached, int each) {
  if (!attached.works()) return nullptr;
  (void)attached.Received();
  const double seconds = MakeChecksOnAllCpus(each);
  const auto made = static_cast<int64_t>(each) * sysconf(_SC_NPROCESSORS_ONLN);
  return {{"made", made}, {"received", AllReceived(attached)}, {"seconds", seconds}};
}

}  // namespace
}  // namespace capmon

int main(int argc, char** argv) {
  using capmon::Attached;
  libbpf_set_print([](libbpf_print_level, const char*, va_list) { return 0; });
  const int each = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  const std::vector<std::string> backends = capmon::BackendsHere();
  if (backends.empty()) return 1;
  const std::string& backend = backends.front();
  nlohmann::json results;
  for (const capmon::PeerDesign& design : capmon::PeerDesigns())
    results[design.name] = capmon::Measure(Attached::Peer(design, backend), each);
  results["capmon"] = capmon::Measure(Attached::Capmon(backend, false), each);
  results["capmon, watching calls"] = capmon::Measure(Attached::Capmon(backend, true), each);
  std::cout << results << "\n";
  return 0;
}

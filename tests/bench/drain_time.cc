// SPDX-License-Identifier: Apache-2.0
// How long reading all counters takes, for the containers that start meanwhile. Prints "ready",
// then for each line of input a line of JSON: `first`, seconds to read all that is new, and
// `again`, seconds to read all counters when nothing is new.
#include <bpf/libbpf.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daemon/collector/bpf_source.h"
#include "daemon/collector/watched_host.h"

namespace capmon {
namespace {

constexpr uint32_t kCounters = 1 << 18;
constexpr int kAgain = 5;

std::unique_ptr<BpfSource> OpenSource() {
  const auto host = FindWatchedHost("/proc", "");
  if (!host.ok()) return nullptr;
  BpfSource::Options options;
  options.hierarchy = host->hierarchy;
  options.cgroup_layout = host->cgroup_layout;
  options.roots = {host->cgroup_mount, "/proc"};
  options.sizes.checks = kCounters;
  auto source = BpfSource::Open(options);
  if (!source.ok()) {
    std::cerr << source.status().message() << "\n";
    return nullptr;
  }
  return *std::move(source);
}

double Drain(BpfSource& source, uint64_t& kinds) {
  const auto start = std::chrono::steady_clock::now();
  (void)source.Drain([&](const KernelEvent& event) {
    if (std::holds_alternative<ChecksCounted>(event)) ++kinds;
  });
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace
}  // namespace capmon

int main() {
  libbpf_set_print([](libbpf_print_level, const char*, va_list) { return 0; });
  const auto source = capmon::OpenSource();
  if (source == nullptr) return 1;
  std::cout << "ready" << std::endl;
  uint64_t kinds = 0;
  for (std::string line; std::getline(std::cin, line);) {
    const double first = capmon::Drain(*source, kinds);
    std::vector<double> again;
    uint64_t few = 0;
    for (int i = 0; i < capmon::kAgain; ++i) again.push_back(capmon::Drain(*source, few));
    std::sort(again.begin(), again.end());
    std::cout << nlohmann::json{{"first", first},
                                {"again", again[capmon::kAgain / 2]},
                                {"kinds", kinds}}
              << std::endl;
  }
  return 0;
}

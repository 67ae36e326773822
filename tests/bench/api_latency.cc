// SPDX-License-Identifier: Apache-2.0
// How long capmond takes to answer, as a client with an open connection sees it. Writes JSON: a
// list of seconds for each call.
//   bench_api_latency ADDRESS CALLS
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "client/rpc/daemon.h"

namespace capmon {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kAtMost(20);    // for one kind of call
constexpr std::chrono::seconds kPatience(60);  // for one call

// Repeats a call until it fails; `call` gets the number of the repetition.
nlohmann::json Seconds(int calls, const std::function<absl::Status(int)>& call) {
  nlohmann::json seconds = nlohmann::json::array();
  const auto end = steady_clock::now() + kAtMost;
  for (int i = 0; i < calls && steady_clock::now() < end; ++i) {
    const auto start = steady_clock::now();
    if (const absl::Status status = call(i); !status.ok()) {
      std::cerr << status.message() << "\n";
      break;
    }
    seconds.push_back(std::chrono::duration<double>(steady_clock::now() - start).count());
  }
  return seconds;
}

nlohmann::json Measure(Daemon& daemon, int calls) {
  const v1::ListContainersRequest list;
  const auto listed = daemon.Call(&Daemon::Stub::ListContainers, list, kPatience);
  if (!listed.ok()) {
    std::cerr << listed.status().message() << "\n";
    std::exit(1);
  }
  std::vector<v1::GetProfileRequest> requests;
  for (const v1::ContainerSummary& summary : listed->containers()) {
    if (summary.container().kind() != "container") continue;
    requests.emplace_back().set_container("cgroup:" + summary.container().cgroup_path());
    requests.back().set_instance(true);
  }
  if (requests.empty()) std::exit(1);
  const auto profile = [&](bool refresh) {
    return Seconds(calls, [&, refresh](int i) {
      v1::GetProfileRequest request = requests[static_cast<size_t>(i) % requests.size()];
      request.set_without_refresh(!refresh);
      return daemon.Call(&Daemon::Stub::GetProfile, request, kPatience).status();
    });
  };
  return {{"GetProfile", profile(true)},
          {"GetProfile, stored", profile(false)},
          {"ListContainers", Seconds(calls, [&](int) {
             return daemon.Call(&Daemon::Stub::ListContainers, list, kPatience).status();
           })}};
}

}  // namespace
}  // namespace capmon

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  auto daemon = capmon::Daemon::Connect(argv[1]);
  if (!daemon.ok()) {
    std::cerr << daemon.status().message() << "\n";
    return 1;
  }
  std::cout << capmon::Measure(*daemon, std::atoi(argv[2])) << "\n";
  return 0;
}

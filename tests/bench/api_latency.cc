// SPDX-License-Identifier: Apache-2.0
// How long capmond takes to answer, as a client with an open connection sees it. Writes JSON: a
// list of seconds for each call.
//   bench_api_latency ADDRESS CALLS
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "client/rpc/daemon.h"

namespace capmon {
namespace {

template <typename Call>
double Seconds(const Call& call) {
  const auto start = std::chrono::steady_clock::now();
  if (!call().ok()) std::exit(1);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

nlohmann::json Measure(Daemon& daemon, int calls) {
  const auto listed = daemon.Call(&Daemon::Stub::ListContainers, v1::ListContainersRequest());
  if (!listed.ok() || listed->containers().empty()) std::exit(1);
  nlohmann::json seconds;
  for (int i = 0; i < calls; ++i) {
    v1::GetProfileRequest profile;
    const int next = i % listed->containers_size();
    profile.set_container("cgroup:" + listed->containers(next).container().cgroup_path());
    profile.set_instance(true);
    seconds["GetProfile"].push_back(
        Seconds([&] { return daemon.Call(&Daemon::Stub::GetProfile, profile); }));
    seconds["ListContainers"].push_back(Seconds(
        [&] { return daemon.Call(&Daemon::Stub::ListContainers, v1::ListContainersRequest()); }));
  }
  return seconds;
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

// SPDX-License-Identifier: Apache-2.0
// How long it takes until capmond lists a new container of a real Docker by its name: from the
// moment its cgroup is there. Writes a JSON list of seconds.
//   bench_naming_latency CONTAINERS
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "client/rpc/daemon.h"
#include "daemon/collector/watched_host.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/docker_daemon.h"

namespace capmon {
namespace {

using std::chrono::steady_clock;

constexpr char kImage[] = "bench";
constexpr std::chrono::seconds kPatience(20);
constexpr std::chrono::milliseconds kPause(1);

// Ends the program if it cannot go on: there is nothing to measure then.
template <typename T>
T Need(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::cerr << value.status().message() << "\n";
  std::exit(1);
}

void ImportImage(const DockerDaemon& docker, const std::string& rootfs) {
  std::error_code error;
  std::filesystem::create_directories(rootfs + "/bin", error);
  std::filesystem::copy_file("/bin/busybox", rootfs + "/bin/sleep", error);
  if (error || !docker.Import(rootfs, kImage).ok()) std::exit(1);
}

bool Lists(Daemon& capmond, const std::string& name) {
  const auto listed = capmond.Call(&Daemon::Stub::ListContainers, v1::ListContainersRequest());
  if (!listed.ok()) return false;
  for (const v1::ContainerSummary& summary : listed->containers())
    if (summary.container().name() == name) return true;
  return false;
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

// Returns when it was there, at the latest when patience ends.
steady_clock::time_point WaitForDirectory(const std::string& path) {
  const auto end = steady_clock::now() + kPatience;
  struct stat found;
  while (stat(path.c_str(), &found) != 0 && steady_clock::now() < end)
    std::this_thread::sleep_for(kPause);
  return steady_clock::now();
}

double SecondsUntilNamed(const DockerDaemon& docker, Daemon& capmond, const std::string& name) {
  const std::string cgroups = Need(FindWatchedHost("/proc", "")).cgroup_mount + "/docker/";
  const std::string id = FirstLine(
      docker.Docker({"create", "--network", "none", "--name", name, kImage, "/bin/sleep", "60"})
          .out);
  // Of its own, because a list takes longer the more there is to list.
  steady_clock::time_point begin;
  std::thread watch([&] { begin = WaitForDirectory(cgroups + id); });
  std::thread start([&] { docker.Docker({"start", name}); });
  const auto end = steady_clock::now() + kPatience;
  while (!Lists(capmond, name) && steady_clock::now() < end) std::this_thread::sleep_for(kPause);
  const auto named = steady_clock::now();
  watch.join();
  start.join();
  docker.Docker({"rm", "-f", name});
  return std::chrono::duration<double>(named - begin).count();
}

}  // namespace
}  // namespace capmon

int main(int argc, char** argv) {
  using namespace capmon;  // NOLINT
  const int containers = argc > 1 ? std::atoi(argv[1]) : 10;
  const DockerDaemon docker = Need(DockerDaemon::Start());
  const TempDir directory;
  ImportImage(docker, directory / "rootfs");
  CapmonDaemon daemon =
      Need(CapmonDaemon::Start(directory.path(), {"--docker-socket", docker.socket()}));
  Daemon capmond = Need(Daemon::Connect(daemon.address()));
  nlohmann::json seconds = nlohmann::json::array();
  for (int i = 0; i < containers; ++i)
    seconds.push_back(SecondsUntilNamed(docker, capmond, "bench-" + std::to_string(i)));
  std::cout << seconds << "\n";
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "client/run/free_cgroup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "client/host/watched_mount.h"
#include "client/run/run_session.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

namespace fs = std::filesystem;

constexpr int kAttempts = 20;
constexpr std::chrono::milliseconds kPause(50);

// "" if no hierarchy is mounted.
std::string DirectoryOf(const std::string& cgroup) {
  const auto mount = WatchedMount();
  return mount ? mount->point + cgroup : "";
}

// Returns the cgroup and those below it, innermost first.
std::vector<fs::path> WithAllBelow(const std::string& directory) {
  std::vector<fs::path> all = {directory};
  std::error_code error;
  for (fs::recursive_directory_iterator i(directory, error), end; !error && i != end;
       i.increment(error))
    if (i->is_directory(error)) all.push_back(i->path());
  return {all.rbegin(), all.rend()};
}

}  // namespace

std::string PathAsCapmondSees(const std::string& cgroup) {
  const auto mount = WatchedMount();
  return mount && mount->root != "/" ? mount->root + cgroup : cgroup;
}

void KillCgroup(const std::string& cgroup) {
  const std::string directory = DirectoryOf(cgroup);
  if (directory.empty()) return;
  const UniqueFd kill(::open((directory + "/cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC));
  if (kill) {
    (void)!::write(kill.get(), "1", 1);
    return;
  }
  // v1, or before 5.14: a process may fork meanwhile, so this is repeated.
  for (int attempt = 0; attempt < kAttempts; ++attempt)
    for (const fs::path& below : WithAllBelow(directory)) {
      std::ifstream processes(below / "cgroup.procs");
      for (pid_t pid = 0; processes >> pid;)
        if (pid > 0) ::kill(pid, SIGKILL);
    }
}

void RemoveCgroup(const std::string& cgroup) {
  // A runtime makes it in every hierarchy of v1.
  const CgroupMounts mounts = ParseCgroupMounts(TextOf("/proc/self/mountinfo"));
  std::set<std::string> points;
  if (mounts.unified) points.insert(mounts.unified->point);
  for (const auto& [name, mount] : mounts.controllers) points.insert(mount.point);
  for (const std::string& point : points)
    for (const fs::path& below : WithAllBelow(point + cgroup))
      for (int attempt = 0; ::rmdir(below.c_str()) != 0 && errno == EBUSY && attempt < kAttempts;
           ++attempt)
        std::this_thread::sleep_for(kPause);
}

void RemoveAbandonedCgroups(const std::string& command) {
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(DirectoryOf("/"), error))
    if (AbandonedBy(entry.path().filename(), command) != 0)
      names.push_back("/" + entry.path().filename().string());
  for (const std::string& name : names) {
    KillCgroup(name);
    RemoveCgroup(name);
  }
}

}  // namespace capmon

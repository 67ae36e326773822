// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/host_scan.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "bpf/capmon_events.h"
#include "daemon/attribution/cgroup_mounts.h"

namespace capmon {
namespace {

// The first process of a cgroup that this pid namespace can see; 0 stands for one it cannot.
std::optional<uint32_t> FirstProcess(const std::string& cgroup_directory) {
  std::ifstream file(cgroup_directory + "/cgroup.procs");
  for (uint32_t pid = 0; file >> pid;)
    if (pid != 0) return pid;
  return std::nullopt;
}

CapabilitySet ParseSet(const std::string& text) {
  return CapabilitySet(std::strtoull(text.c_str(), nullptr, 16));
}

std::string ExecutableOf(const std::string& process) {
  std::error_code error;
  const std::filesystem::path exe = std::filesystem::read_symlink(process + "/exe", error);
  if (!error) return exe.string();
  // Another's link needs CAP_SYS_PTRACE; its own words need nothing.
  std::ifstream file(process + "/cmdline");
  char first[CAPMON_PATH_LEN] = {};  // it may write there what it likes
  file.get(first, sizeof(first), '\0');
  return first;
}

std::optional<ProcessExec> ReadProcess(const HostRoots& roots, uint32_t pid) {
  const std::string process = fmt::format("{}/{}", roots.proc, pid);
  std::ifstream status(process + "/status");
  if (!status) return std::nullopt;
  ProcessExec exec;
  exec.pid = pid;
  exec.existing = true;
  exec.exe_origin = ExeOrigin::kUnknown;
  for (std::string line; std::getline(status, line);) {
    std::istringstream words(line);
    std::string name, first, second;
    words >> name >> first >> second;
    if (name == "Name:") exec.comm = first;
    if (name == "Uid:") exec.uid = static_cast<uint32_t>(std::strtoul(first.c_str(), nullptr, 10));
    if (name == "Uid:")
      exec.euid = static_cast<uint32_t>(std::strtoul(second.c_str(), nullptr, 10));
    if (name == "CapInh:") exec.inheritable = ParseSet(first);
    if (name == "CapPrm:") exec.permitted = ParseSet(first);
    if (name == "CapEff:") exec.effective = ParseSet(first);
    if (name == "CapBnd:") exec.bounding = ParseSet(first);
    if (name == "CapAmb:") exec.ambient = ParseSet(first);
    if (name == "NoNewPrivs:") exec.no_new_privs = first == "1";
    if (name == "Seccomp:")
      exec.seccomp_mode = static_cast<uint8_t>(first.empty() ? 0 : first[0] - '0');
  }
  exec.path = ExecutableOf(process);
  return exec;
}

}  // namespace

bool ScanHost(const HostRoots& roots, TimeNs now, const KernelEventSink& sink) {
  const CgroupWalk walk =
      WalkCgroups(roots.cgroup_mount, [&](CgroupId id, const std::string& path) {
        sink(CgroupMade{now, id, path, true});
        const std::optional<uint32_t> pid = FirstProcess(roots.cgroup_mount + path);
        if (!pid) return;
        std::optional<ProcessExec> exec = ReadProcess(roots, *pid);
        if (!exec) return;
        exec->time = now;
        exec->cgroup = id;
        sink(*exec);
      });
  return walk.seen > 0 && walk.skipped == 0;
}

}  // namespace capmon

// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/host_scan.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "bpf/capmon_events.h"
#include "common/file_text.h"
#include "common/process_status.h"
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
  const std::string text = TextOf(process + "/status");
  if (text.empty()) return std::nullopt;
  const ProcessStatus status = ParseProcessStatus(text);
  ProcessExec exec;
  exec.pid = pid;
  exec.existing = true;
  exec.exe_origin = ExeOrigin::kUnknown;
  exec.comm = status.name;
  exec.uid = status.uid;
  exec.euid = status.euid;
  exec.inheritable = status.inheritable;
  exec.permitted = status.permitted;
  exec.effective = status.effective;
  exec.bounding = status.bounding;
  exec.ambient = status.ambient;
  exec.no_new_privs = status.no_new_privs;
  exec.seccomp_mode = status.seccomp_mode;
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

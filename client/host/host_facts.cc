// SPDX-License-Identifier: Apache-2.0
#include "client/host/host_facts.h"

#include <sys/stat.h>
#include <sys/utsname.h>

#include "common/file_text.h"
#include "daemon/attribution/cgroup_mounts.h"
#include "daemon/model/runtimes.h"

namespace capmon {
namespace {

bool Exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

bool IsSocket(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

}  // namespace

HostFacts GatherHostFacts(const std::string& root) {
  HostFacts facts;
  utsname name{};
  if (::uname(&name) == 0) facts.kernel = name.release;
  facts.has_types = Exists(root + "/sys/kernel/btf/vmlinux");
  const std::string mountinfo = TextOf(root + "/proc/self/mountinfo");
  facts.cgroup_layout = ParseCgroupMounts(mountinfo).layout;
  facts.has_bpffs = mountinfo.find(" /sys/fs/bpf ") != std::string::npos;
  facts.locked_down =
      TextOf(root + "/sys/kernel/security/lockdown").find("[confidentiality]") != std::string::npos;
  for (const RuntimeSocket& socket : kRuntimeSockets)
    if (IsSocket(root + socket.path)) facts.runtimes.push_back({socket.runtime, socket.path});
  return facts;
}

}  // namespace capmon

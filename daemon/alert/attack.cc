// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/attack.h"

#include <linux/capability.h>

#include <algorithm>

namespace capmon {
namespace {

struct NamedTechnique {
  std::string_view id;
  const char* name;
};

constexpr NamedTechnique kNames[] = {
    {"T1003.007", "Proc Filesystem"},
    {"T1005", "Data from Local System"},
    {"T1014", "Rootkit"},
    {"T1040", "Network Sniffing"},
    {"T1055", "Process Injection"},
    {"T1055.008", "Ptrace System Calls"},
    {"T1068", "Exploitation for Privilege Escalation"},
    {"T1070.002", "Clear Linux or Mac System Logs"},
    {"T1070.006", "Timestomp"},
    {"T1082", "System Information Discovery"},
    {"T1205.002", "Socket Filters"},
    {"T1222.002", "Linux and Mac File and Directory Permissions Modification"},
    {"T1489", "Service Stop"},
    {"T1496", "Resource Hijacking"},
    {"T1529", "System Shutdown/Reboot"},
    {"T1547.006", "Kernel Modules and Extensions"},
    {"T1548", "Abuse Elevation Control Mechanism"},
    {"T1548.001", "Setuid and Setgid"},
    {"T1557", "Adversary-in-the-Middle"},
    {"T1562", "Impair Defenses"},
    {"T1562.001", "Disable or Modify Tools"},
    {"T1562.004", "Disable or Modify System Firewall"},
    {"T1562.012", "Disable or Modify Linux Audit System"},
    {"T1611", "Escape to Host"},
    {"T1620", "Reflective Code Loading"},
};

struct CapabilityTechniques {
  Capability capability;
  const char* ids;
};

// The closest first.
constexpr CapabilityTechniques kOfCapabilities[] = {
    {CAP_SYS_ADMIN, "T1611 T1068"},
    {CAP_SYS_MODULE, "T1547.006 T1014 T1611"},
    {CAP_SYS_PTRACE, "T1055.008 T1003.007 T1611"},
    {CAP_SYS_RAWIO, "T1611 T1068"},
    {CAP_BPF, "T1014 T1205.002"},
    {CAP_PERFMON, "T1014 T1205.002"},
    {CAP_DAC_READ_SEARCH, "T1611 T1005"},
    {CAP_DAC_OVERRIDE, "T1222.002"},
    {CAP_FOWNER, "T1222.002"},
    {CAP_CHOWN, "T1222.002"},
    {CAP_FSETID, "T1222.002"},
    {CAP_SETUID, "T1548.001"},
    {CAP_SETGID, "T1548.001"},
    {CAP_SETFCAP, "T1548.001"},
    {CAP_SETPCAP, "T1548"},
    {CAP_NET_RAW, "T1040 T1557"},
    {CAP_NET_ADMIN, "T1562.004 T1557"},
    {CAP_MKNOD, "T1611"},
    {CAP_SYS_CHROOT, "T1611"},
    {CAP_AUDIT_CONTROL, "T1562.012"},
    {CAP_AUDIT_WRITE, "T1070.002"},
    {CAP_AUDIT_READ, "T1562.012"},
    {CAP_MAC_ADMIN, "T1562.001"},
    {CAP_MAC_OVERRIDE, "T1562.001"},
    {CAP_SYSLOG, "T1082"},
    {CAP_SYS_TIME, "T1070.006"},
    {CAP_SYS_BOOT, "T1529"},
    {CAP_KILL, "T1489"},
    {CAP_LINUX_IMMUTABLE, "T1222.002"},
    {CAP_IPC_LOCK, "T1496"},
    {CAP_SYS_NICE, "T1496"},
    {CAP_SYS_RESOURCE, "T1496"},
    {CAP_CHECKPOINT_RESTORE, "T1055"},
};

}  // namespace

std::vector<Technique> TechniquesOf(std::string_view ids) {
  std::vector<Technique> techniques;
  while (!ids.empty()) {
    const size_t end = std::min(ids.find(' '), ids.size());
    const std::string_view id = ids.substr(0, end);
    for (const NamedTechnique& known : kNames)
      if (known.id == id) techniques.push_back({std::string(id), known.name});
    ids.remove_prefix(std::min(end + 1, ids.size()));
  }
  return techniques;
}

std::vector<Technique> TechniquesOf(Capability capability) {
  for (const CapabilityTechniques& known : kOfCapabilities)
    if (known.capability == capability) return TechniquesOf(known.ids);
  return {};
}

void AddTechniques(std::vector<Technique>& to, const std::vector<Technique>& more) {
  for (const Technique& technique : more)
    if (std::find(to.begin(), to.end(), technique) == to.end()) to.push_back(technique);
}

}  // namespace capmon

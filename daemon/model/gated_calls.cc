// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/gated_calls.h"

#include <linux/capability.h>

#include <array>

namespace capmon {
namespace {

using enum CallCondition;

#ifndef CAP_PERFMON
constexpr Capability CAP_PERFMON = 38;
constexpr Capability CAP_BPF = 39;
#endif

// clang-format off
const std::array kCalls = {
    //         system call                 capabilities                      condition      moby   podman
    GatedCall{"open_by_handle_at",         {CAP_DAC_READ_SEARCH},            kAlways,       true,  true},
    GatedCall{"bpf",                       {CAP_SYS_ADMIN, CAP_BPF},         kAlways,       true,  true},
    GatedCall{"perf_event_open",           {CAP_SYS_ADMIN, CAP_PERFMON},     kAlways,       true,  true},
    GatedCall{"syslog",                    {CAP_SYS_ADMIN, CAP_SYSLOG},      kAlways,       true,  false},
    GatedCall{"clone",                     {CAP_SYS_ADMIN},                  kNamespaces,   true,  false},
    GatedCall{"clone3",                    {CAP_SYS_ADMIN},                  kNamespacesBehindPointer,
                                                                                            true,  false},
    GatedCall{"unshare",                   {CAP_SYS_ADMIN},                  kAlways,       true,  false},
    GatedCall{"setns",                     {CAP_SYS_ADMIN},                  kAlways,       true,  true},
    GatedCall{"mount",                     {CAP_SYS_ADMIN},                  kAlways,       true,  false},
    GatedCall{"umount",                    {CAP_SYS_ADMIN},                  kAlways,       true,  false},
    GatedCall{"umount2",                   {CAP_SYS_ADMIN},                  kAlways,       true,  false},
    GatedCall{"mount_setattr",             {CAP_SYS_ADMIN},                  kAlways,       true,  false},
    GatedCall{"move_mount",                {CAP_SYS_ADMIN},                  kAlways,       true,  false},
    GatedCall{"open_tree",                 {CAP_SYS_ADMIN},                  kAlways,       true,  false},
    GatedCall{"fsconfig",                  {CAP_SYS_ADMIN},                  kAlways,       true,  false},
    GatedCall{"fsmount",                   {CAP_SYS_ADMIN},                  kAlways,       true,  false},
    GatedCall{"fsopen",                    {CAP_SYS_ADMIN},                  kAlways,       true,  false},
    GatedCall{"fspick",                    {CAP_SYS_ADMIN},                  kAlways,       true,  false},
    GatedCall{"fanotify_init",             {CAP_SYS_ADMIN},                  kAlways,       true,  true},
    GatedCall{"lookup_dcookie",            {CAP_SYS_ADMIN},                  kAlways,       true,  true},
    GatedCall{"lsm_get_self_attr",         {CAP_SYS_ADMIN},                  kAlways,       true,  false},
    GatedCall{"lsm_list_modules",          {CAP_SYS_ADMIN},                  kAlways,       true,  false},
    GatedCall{"lsm_set_self_attr",         {CAP_SYS_ADMIN},                  kAlways,       true,  false},
    GatedCall{"quotactl",                  {CAP_SYS_ADMIN},                  kAlways,       true,  true},
    GatedCall{"quotactl_fd",               {CAP_SYS_ADMIN},                  kAlways,       true,  true},
    GatedCall{"setdomainname",             {CAP_SYS_ADMIN},                  kAlways,       true,  true},
    GatedCall{"sethostname",               {CAP_SYS_ADMIN},                  kAlways,       true,  true},
    GatedCall{"reboot",                    {CAP_SYS_BOOT},                   kAlways,       true,  false},
    GatedCall{"chroot",                    {CAP_SYS_CHROOT},                 kAlways,       true,  true},
    GatedCall{"delete_module",             {CAP_SYS_MODULE},                 kAlways,       true,  true},
    GatedCall{"init_module",               {CAP_SYS_MODULE},                 kAlways,       true,  true},
    GatedCall{"finit_module",              {CAP_SYS_MODULE},                 kAlways,       true,  true},
    GatedCall{"acct",                      {CAP_SYS_PACCT},                  kAlways,       true,  true},
    GatedCall{"kcmp",                      {CAP_SYS_PTRACE},                 kAlways,       true,  true},
    GatedCall{"pidfd_getfd",               {CAP_SYS_PTRACE},                 kAlways,       true,  false},
    GatedCall{"process_madvise",           {CAP_SYS_PTRACE},                 kAlways,       true,  true},
    GatedCall{"iopl",                      {CAP_SYS_RAWIO},                  kAlways,       true,  true},
    GatedCall{"ioperm",                    {CAP_SYS_RAWIO},                  kAlways,       true,  true},
    GatedCall{"settimeofday",              {CAP_SYS_TIME},                   kAlways,       true,  true},
    GatedCall{"stime",                     {CAP_SYS_TIME},                   kAlways,       true,  true},
    GatedCall{"clock_settime",             {CAP_SYS_TIME},                   kAlways,       true,  true},
    GatedCall{"clock_settime64",           {CAP_SYS_TIME},                   kAlways,       true,  true},
    GatedCall{"vhangup",                   {CAP_SYS_TTY_CONFIG},             kAlways,       true,  true},
    GatedCall{"get_mempolicy",             {CAP_SYS_NICE},                   kAlways,       true,  true},
    GatedCall{"mbind",                     {CAP_SYS_NICE},                   kAlways,       true,  true},
    GatedCall{"set_mempolicy",             {CAP_SYS_NICE},                   kAlways,       true,  true},
    GatedCall{"set_mempolicy_home_node",   {CAP_SYS_NICE},                   kAlways,       true,  true},
};
// clang-format on
static_assert(kCalls.size() <= 62);

}  // namespace

std::span<const GatedCall> GatedCalls() { return kCalls; }

std::optional<size_t> GatedCallNumber(std::string_view syscall) {
  for (size_t number = 0; number < kCalls.size(); ++number)
    if (kCalls[number].syscall == syscall) return number;
  return std::nullopt;
}

std::string ProfileOfEngine(const std::string& runtime) {
  if (runtime == "docker" || runtime == "containerd") return "moby";
  if (runtime == "podman" || runtime == "cri-o") return "podman";
  return "";
}

}  // namespace capmon

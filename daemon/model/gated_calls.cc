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
    //         system call                 capabilities                      condition      moby   podman  silent
    GatedCall{"open_by_handle_at",         {CAP_DAC_READ_SEARCH},            kAlways,       true,  true,  true},
    GatedCall{"bpf",                       {CAP_SYS_ADMIN, CAP_BPF},         kAlways,       true,  true,  true},
    GatedCall{"perf_event_open",           {CAP_SYS_ADMIN, CAP_PERFMON},     kAlways,       true,  true,  true},
    GatedCall{"syslog",                    {CAP_SYS_ADMIN, CAP_SYSLOG},      kAlways,       true,  false, true},
    GatedCall{"clone",                     {CAP_SYS_ADMIN},                  kNamespaces,   true,  false, true},
    GatedCall{"clone3",                    {CAP_SYS_ADMIN},                  kNamespacesBehindPointer,
                                                                                            true,  false, true},
    GatedCall{"unshare",                   {CAP_SYS_ADMIN},                  kAlways,       true,  false, true},
    GatedCall{"setns",                     {CAP_SYS_ADMIN},                  kAlways,       true,  true,  false},
    GatedCall{"mount",                     {CAP_SYS_ADMIN},                  kAlways,       true,  false, false},
    GatedCall{"umount",                    {CAP_SYS_ADMIN},                  kAlways,       true,  false, false},
    GatedCall{"umount2",                   {CAP_SYS_ADMIN},                  kAlways,       true,  false, false},
    GatedCall{"mount_setattr",             {CAP_SYS_ADMIN},                  kAlways,       true,  false, false},
    GatedCall{"move_mount",                {CAP_SYS_ADMIN},                  kAlways,       true,  false, false},
    GatedCall{"open_tree",                 {CAP_SYS_ADMIN},                  kAlways,       true,  false, true},
    GatedCall{"fsconfig",                  {CAP_SYS_ADMIN},                  kAlways,       true,  false, true},
    GatedCall{"fsmount",                   {CAP_SYS_ADMIN},                  kAlways,       true,  false, false},
    GatedCall{"fsopen",                    {CAP_SYS_ADMIN},                  kAlways,       true,  false, false},
    GatedCall{"fspick",                    {CAP_SYS_ADMIN},                  kAlways,       true,  false, false},
    GatedCall{"fanotify_init",             {CAP_SYS_ADMIN},                  kAlways,       true,  true,  true},
    GatedCall{"lookup_dcookie",            {CAP_SYS_ADMIN},                  kAlways,       true,  true,  false},
    GatedCall{"lsm_get_self_attr",         {CAP_SYS_ADMIN},                  kAlways,       true,  false, true},
    GatedCall{"lsm_list_modules",          {CAP_SYS_ADMIN},                  kAlways,       true,  false, true},
    GatedCall{"lsm_set_self_attr",         {CAP_SYS_ADMIN},                  kAlways,       true,  false, true},
    GatedCall{"quotactl",                  {CAP_SYS_ADMIN},                  kAlways,       true,  true,  true},
    GatedCall{"quotactl_fd",               {CAP_SYS_ADMIN},                  kAlways,       true,  true,  true},
    GatedCall{"setdomainname",             {CAP_SYS_ADMIN},                  kAlways,       true,  true,  false},
    GatedCall{"sethostname",               {CAP_SYS_ADMIN},                  kAlways,       true,  true,  false},
    GatedCall{"reboot",                    {CAP_SYS_BOOT},                   kAlways,       true,  false, false},
    GatedCall{"chroot",                    {CAP_SYS_CHROOT},                 kAlways,       true,  true,  false},
    GatedCall{"delete_module",             {CAP_SYS_MODULE},                 kAlways,       true,  true,  false},
    GatedCall{"init_module",               {CAP_SYS_MODULE},                 kAlways,       true,  true,  false},
    GatedCall{"finit_module",              {CAP_SYS_MODULE},                 kAlways,       true,  true,  false},
    GatedCall{"acct",                      {CAP_SYS_PACCT},                  kAlways,       true,  true,  false},
    GatedCall{"kcmp",                      {CAP_SYS_PTRACE},                 kAlways,       true,  true,  true},
    GatedCall{"pidfd_getfd",               {CAP_SYS_PTRACE},                 kAlways,       true,  false, true},
    GatedCall{"process_madvise",           {CAP_SYS_PTRACE},                 kAlways,       true,  true,  true},
    GatedCall{"iopl",                      {CAP_SYS_RAWIO},                  kAlways,       true,  true,  true},
    GatedCall{"ioperm",                    {CAP_SYS_RAWIO},                  kAlways,       true,  true,  true},
    GatedCall{"settimeofday",              {CAP_SYS_TIME},                   kAlways,       true,  true,  false},
    GatedCall{"stime",                     {CAP_SYS_TIME},                   kAlways,       true,  true,  false},
    GatedCall{"clock_settime",             {CAP_SYS_TIME},                   kAlways,       true,  true,  false},
    GatedCall{"clock_settime64",           {CAP_SYS_TIME},                   kAlways,       true,  true,  false},
    GatedCall{"vhangup",                   {CAP_SYS_TTY_CONFIG},             kAlways,       true,  true,  false},
    GatedCall{"get_mempolicy",             {CAP_SYS_NICE},                   kAlways,       true,  true,  true},
    GatedCall{"mbind",                     {CAP_SYS_NICE},                   kAlways,       true,  true,  true},
    GatedCall{"set_mempolicy",             {CAP_SYS_NICE},                   kAlways,       true,  true,  true},
    GatedCall{"set_mempolicy_home_node",   {CAP_SYS_NICE},                   kAlways,       true,  true,  true},
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

// SPDX-License-Identifier: Apache-2.0
// A recording small enough to read: two running containers whose ids begin alike, and an ended one.
#pragma once

#include <string>

namespace capmon {

inline const std::string kRecordedId = "aaaa1111" + std::string(56, '0');
inline const std::string kQuietId = "aaaa2222" + std::string(56, '0');
inline const std::string kEndedId = "bbbb3333" + std::string(56, '0');

// The first container used NET_RAW twice, was denied SYS_TIME once, and also holds KILL; the others
// only made the checks that every program makes.
inline std::string SampleRecording() {
  return "capmon-recording 1\n"
         "# t is in nanoseconds, traits 8 is \"held\", sets are hexadecimal\n"
         "source t=1000000000 backend=tp_btf kernel=6.18.0 layout=v2 outcomes=1\n"
         "cgroup t=1000000001 id=10 path=/docker/" +
         kRecordedId +
         "\n"
         "surroundings t=1000000001 cgroup=10 facts=net.ipv4.ip_unprivileged_port_start:1024,"
         "net.ipv4.ping_group_range:1%200,kernel.dmesg_restrict:1,kernel.perf_event_paranoid:2\n"
         "exec t=1000000002 cgroup=10 pid=100 comm=ping path=/bin/ping exe=5 origin=own prm=2020 "
         "eff=2020 bnd=2020\n"
         "check t=2000000000 cgroup=10 cap=CAP_NET_RAW granted=1 site=inet_create syscall=socket "
         "traits=8 origin=own exe=5 count=2 ok=2\n"
         "sample t=2000000000 cgroup=10 cap=CAP_NET_RAW granted=1 site=inet_create syscall=socket "
         "traits=8 origin=own exe=5 pid=100 tid=100 comm=ping binary=ping "
         "callers=inet_create,__sock_create,__sys_socket\n"
         "check t=2000000001 cgroup=10 cap=CAP_SYS_TIME site=cap_settime syscall=clock_settime "
         "origin=own exe=5 count=1 failed=1 errnos=2\n"
         "cgroup t=3000000000 id=20 path=/docker/" +
         kQuietId +
         "\n"
         "exec t=3000000001 cgroup=20 pid=200 comm=ls path=/bin/ls exe=6 origin=own prm=200000 "
         "eff=200000 bnd=200000\n"
         "check t=3000000002 cgroup=20 cap=CAP_SYS_ADMIN granted=1 "
         "site=security_vm_enough_memory_mm syscall=mmap traits=8 origin=own exe=6 count=40 ok=40\n"
         "cgroup t=4000000000 id=30 path=/docker/" +
         kEndedId +
         "\n"
         "exec t=4000000001 cgroup=30 pid=300 comm=true path=/bin/true exe=7 origin=own\n"
         "removed t=4000000002 id=30\n"
         "clock t=5000000000\n";
}

}  // namespace capmon

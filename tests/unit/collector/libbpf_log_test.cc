// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/libbpf_log.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace capmon {
namespace {

TEST(LibbpfLog, TheLastLinesAreTheVerifiersReason) {
  EXPECT_EQ(LastLines("libbpf: prog 'on_exec': BPF program load failed: Invalid argument\n"
                      "libbpf: prog 'on_exec': -- BEGIN PROG LOAD LOG --\n"
                      "0: R1=ctx() R10=fp0\n"
                      "; int on_exec(void *ctx) @ lifecycle.bpf.h:12\n"
                      "7: (79) r1 = *(u64 *)(r1 +8)\n"
                      "func 'sched_prepare_exec' doesn't have 2-th argument\n"
                      "invalid bpf_context access off=8 size=8\n"
                      "processed 8 insns (limit 1000000) max_states_per_insn 0\n"
                      "-- END PROG LOAD LOG --\n"
                      "libbpf: failed to load object 'capmon_bpf'\n"
                      "libbpf: failed to load BPF skeleton 'capmon_bpf': -22\n",
                      3),
            "7: (79) r1 = *(u64 *)(r1 +8) | func 'sched_prepare_exec' doesn't have 2-th argument | "
            "invalid bpf_context access off=8 size=8");
}

TEST(LibbpfLog, TheVerifiersRefusalIsNoMissingPermission) {
  const std::string refused =
      "libbpf: prog 'on_exec': BPF program load failed: Permission denied\n"
      "libbpf: prog 'on_exec': -- BEGIN PROG LOAD LOG --\n"
      "R1 invalid mem access 'scalar'\n"
      "-- END PROG LOAD LOG --\n";
  EXPECT_TRUE(absl::IsUnavailable(LoadError(EACCES, refused)));
  EXPECT_NE(LoadError(EACCES, refused).message().find("R1 invalid mem access"), std::string::npos);
  EXPECT_TRUE(absl::IsPermissionDenied(LoadError(EACCES, "libbpf: Error in bpf_object__probe\n")));
  EXPECT_TRUE(absl::IsPermissionDenied(LoadError(EPERM, "")));
  EXPECT_FALSE(absl::IsPermissionDenied(LoadError(EINVAL, refused)));
}

TEST(LibbpfLog, IsBoundedAndMayBeEmpty) {
  EXPECT_EQ(LastLines(""), "");
  EXPECT_EQ(LastLines("\n \n"), "");
  std::string log(1 << 20, 'x');
  log += "\nend";
  EXPECT_LT(LastLines(log).size(), 1000u);
}

}  // namespace
}  // namespace capmon

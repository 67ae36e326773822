// SPDX-License-Identifier: Apache-2.0
// The reviewed table of programs that are known to put up with a refusal, which no observation of a
// run without refusals can show. Data: daemon/profile/programs.tsv, embedded in the binary,
// replaceable with --programs FILE.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

enum class Habit {
  kAdapts,  // asks capset(2) only for what it finds it has
  kGoesOn,  // does its job when these capabilities are refused to these system calls
};

// One row.
struct ProgramHabit {
  std::vector<std::string> programs;  // last path components
  Habit habit = Habit::kGoesOn;
  std::vector<Capability> capabilities;  // empty: any
  std::vector<std::string> syscalls;     // empty: any
  std::string reason;                    // "uses ptrace(2) instead"
};

class Programs {
 public:
  // The table built into this binary.
  static const Programs& BuiltIn();
  // INVALID_ARGUMENT with line number for a table that cannot be read. An empty one is allowed.
  static absl::StatusOr<Programs> Parse(std::string_view text);

  // What is known of `program`, a path or a name, asking this; null if nothing.
  const ProgramHabit* Find(std::string_view program, Habit habit, const CheckKey& key) const;

 private:
  std::vector<ProgramHabit> rows_;
};

}  // namespace capmon

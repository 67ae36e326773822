// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/programs.h"

#include <algorithm>
#include <utility>

#include "daemon/profile/programs_text.h"
#include "daemon/profile/tsv.h"

namespace capmon {
namespace {

constexpr size_t kProgramColumns = 5;

absl::StatusOr<ProgramHabit> RowIn(const Cells& cells) {
  ProgramHabit row;
  row.programs = ListIn(cells[0]);
  if (row.programs.empty()) return absl::InvalidArgumentError("the program is missing");
  if (cells[1] != "adapts" && cells[1] != "goes-on")
    return absl::InvalidArgumentError(fmt::format("{} is not a habit", Cited(cells[1])));
  row.habit = cells[1] == "adapts" ? Habit::kAdapts : Habit::kGoesOn;
  auto capabilities = ReadAll<Capability>(cells[2], "a capability", ParseCapability);
  if (!capabilities.ok()) return capabilities.status();
  row.capabilities = *std::move(capabilities);
  row.syscalls = ListIn(cells[3]);
  row.reason = cells[4];
  if (row.reason.empty() || row.reason == "-")
    return absl::InvalidArgumentError("the reason is missing");
  return row;
}

template <typename Value, typename Wanted>
bool Allows(const std::vector<Value>& list, const Wanted& wanted) {
  return list.empty() || std::find(list.begin(), list.end(), wanted) != list.end();
}

}  // namespace

const Programs& Programs::BuiltIn() {
  static const Programs* const programs = new Programs(Parse(kProgramsText).value());
  return *programs;
}

absl::StatusOr<Programs> Programs::Parse(std::string_view text) {
  Programs programs;
  const absl::Status status = ReadTable(text, "program", kProgramColumns, [&](const Cells& cells) {
    absl::StatusOr<ProgramHabit> row = RowIn(cells);
    if (!row.ok()) return row.status();
    programs.rows_.push_back(*std::move(row));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return programs;
}

const ProgramHabit* Programs::Find(std::string_view program, Habit habit,
                                   const CheckKey& key) const {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  const auto row = std::find_if(rows_.begin(), rows_.end(), [&](const ProgramHabit& known) {
    return known.habit == habit && Allows(known.programs, name) &&
           Allows(known.capabilities, key.capability) && Allows(known.syscalls, key.syscall);
  });
  return row == rows_.end() ? nullptr : &*row;
}

}  // namespace capmon

// SPDX-License-Identifier: Apache-2.0
#include "daemon/knowledge.h"

#include <fmt/format.h>

#include <utility>

#include "daemon/base/regular_file.h"
#include "daemon/profile/programs.h"

namespace capmon {
namespace {

constexpr size_t kMaxTable = 1 << 20;

template <typename Table>
absl::StatusOr<Table> LoadTable(const std::string& path) {
  if (path.empty()) return Table::BuiltIn();
  const absl::StatusOr<std::string> text = ReadRegularFile(path, kMaxTable);
  if (!text.ok()) return text.status();
  absl::StatusOr<Table> table = Table::Parse(*text);
  if (table.ok()) return table;
  return absl::InvalidArgumentError(
      fmt::format("{}: {}", path, std::string(table.status().message())));
}

}  // namespace

absl::StatusOr<CallSites> LoadKnowledge(const std::string& call_sites,
                                        const std::string& programs) {
  absl::StatusOr<CallSites> sites = LoadTable<CallSites>(call_sites);
  absl::StatusOr<Programs> known = LoadTable<Programs>(programs);
  if (sites.ok() && known.ok()) sites->Use(*std::move(known));
  return known.ok() ? sites : known.status();
}

}  // namespace capmon

// SPDX-License-Identifier: Apache-2.0
#include "client/render/file_listing.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/table.h"
#include "client/base/text.h"

namespace capmon {
namespace {

// "NET_RAW=ep" as in getcap(8), with names as in the other tables.
std::string CapabilityText(const v1::PrivilegedFile& file) {
  if (!file.has_capabilities()) return "–";
  const v1::FileCapabilities& carried = file.capabilities();
  std::vector<std::string> clauses;
  const auto add = [&](const auto& names, const std::string& flags) {
    if (!names.empty()) clauses.push_back(absl::StrCat(ShortNames(names), "=", flags));
  };
  add(carried.permitted(), carried.effective() ? "ep" : "p");
  add(carried.inheritable(), carried.effective() && carried.permitted().empty() ? "ei" : "i");
  std::string text = clauses.empty() ? "none" : absl::StrJoin(clauses, " ");
  if (carried.rootid() != 0) absl::StrAppend(&text, " [rootid ", carried.rootid(), "]");
  return text;
}

}  // namespace

void RenderFiles(std::ostream& out, const v1::FileListing& listing, const Settings& settings) {
  std::vector<Table::Column> columns = {
      {"PATH"}, {"MODE"}, {"OWNER"}, {"CAPABILITIES", false, 30}, {"MEANS", false, 60}};
  if (settings.wide()) columns.push_back({"VERSION", true});
  Table table(columns);
  for (const v1::PrivilegedFile& file : listing.files()) {
    std::vector<std::string> cells = {file.path(), file.mode(),
                                      absl::StrCat(file.uid(), ":", file.gid()),
                                      CapabilityText(file), file.meaning()};
    if (settings.wide())
      cells.push_back(file.has_capabilities() ? absl::StrCat(file.capabilities().version()) : "–");
    table.Add(std::move(cells));
  }
  if (!table.empty()) table.Print(out, settings.headers);
  out << Grouped(listing.looked_at()) << " files and directories examined in "
      << Printable(listing.subject()) << "; "
      << (table.empty() ? "none" : Grouped(static_cast<uint64_t>(listing.files_size())))
      << " give privileges, which no_new_privs prevents\n";
  const std::map<std::string, uint64_t> skipped(listing.skipped().begin(), listing.skipped().end());
  for (const auto& [cause, count] : skipped)
    out << "left out, " << Printable(cause) << ": " << Grouped(count) << '\n';
  if (!listing.complete())
    out << "Incomplete: a limit was reached; see --max-files and --max-time\n";
}

}  // namespace capmon

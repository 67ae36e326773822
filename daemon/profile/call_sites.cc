// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/call_sites.h"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <tuple>
#include <utility>

#include "daemon/profile/call_sites_text.h"
#include "daemon/profile/tsv.h"

namespace capmon {
namespace {

constexpr size_t kColumns = 11;
constexpr size_t kFramesAbove = 2;  // how far inlining may have moved a site
constexpr int kMaxErrno = 133;

constexpr std::pair<std::string_view, SiteClass> kClasses[] = {
    {"REQ", SiteClass::kRequired},      {"COND", SiteClass::kConditional},
    {"FIRST", SiteClass::kFirst},       {"ALT", SiteClass::kAlternative},
    {"OPP", SiteClass::kOpportunistic}, {"SILENT", SiteClass::kSilent},
    {"PROBE", SiteClass::kProbe},
};
constexpr std::pair<std::string_view, SiteFlag> kFlags[] = {
    {"tolerated", kTolerated}, {"minor", kMinor},         {"in-band", kInBand},
    {"root", kRootExempt},     {"unaudited", kUnaudited},
};

std::optional<int> ErrnoOf(const std::string& name) {
  for (int number = 1; number <= kMaxErrno; ++number) {
    const char* known = strerrorname_np(number);
    if (known != nullptr && name == known) return number;
  }
  return std::nullopt;
}

template <typename Value, size_t N>
std::optional<Value> Named(const std::pair<std::string_view, Value> (&table)[N],
                           const std::string& name) {
  for (const auto& [known, value] : table)
    if (known == name) return value;
  return std::nullopt;
}

absl::Status Read(const Cells& cells, CallSite& row) {
  const std::string& number = cells[0];
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), row.number);
  if (error != std::errc() || end != number.data() + number.size() || row.number <= 0)
    return absl::InvalidArgumentError(fmt::format("{} is not a row number", Cited(number)));
  row.callers = ListIn(cells[2]);
  row.syscalls = ListIn(cells[3]);

  auto capabilities = ReadAll<Capability>(cells[4], "a capability", ParseCapability);
  if (!capabilities.ok()) return capabilities.status();
  row.capabilities = *std::move(capabilities);
  const std::optional<SiteClass> site_class = Named(kClasses, cells[5]);
  if (!site_class)
    return absl::InvalidArgumentError(fmt::format("{} is not a class", Cited(cells[5])));
  row.site_class = *site_class;
  const auto flags = ReadAll<SiteFlag>(cells[6], "a flag",
                                       [](const std::string& word) { return Named(kFlags, word); });
  if (!flags.ok()) return flags.status();
  for (const SiteFlag flag : *flags) row.flags |= flag;
  auto alternatives = ReadAll<Capability>(cells[7], "a capability", ParseCapability);
  if (!alternatives.ok()) return alternatives.status();
  row.alternatives = *std::move(alternatives);
  auto errnos = ReadAll<int>(cells[8], "an errno", ErrnoOf);
  if (!errnos.ok()) return errnos.status();
  row.denial_errnos = *std::move(errnos);

  if (cells[9] != "-") row.kernels = cells[9];
  row.purpose = cells[10];
  if (row.purpose.empty() || row.purpose == "-")
    return absl::InvalidArgumentError("the purpose is missing");
  if ((row.site_class == SiteClass::kAlternative) != !row.alternatives.empty() &&
      row.site_class == SiteClass::kAlternative)
    return absl::InvalidArgumentError("class ALT needs alternatives");
  return absl::OkStatus();
}

bool Contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool Matches(const CallSite& row, const CheckKey& key, const std::vector<std::string>& callers) {
  if (!row.capabilities.empty() && std::find(row.capabilities.begin(), row.capabilities.end(),
                                             key.capability) == row.capabilities.end())
    return false;
  if (!row.syscalls.empty() && !Contains(row.syscalls, key.syscall)) return false;
  if (row.Is(kUnaudited) && !(key.Is(kOptionsKnown) && key.Is(kNoAudit))) return false;
  return row.callers.empty() ||
         std::any_of(callers.begin(), callers.end(), [&](const std::string& caller) {
           return Contains(row.callers, SiteName(caller));
         });
}

bool CountsAsNeed(const CallSite& row) {
  return row.site_class != SiteClass::kOpportunistic && row.site_class != SiteClass::kSilent &&
         row.site_class != SiteClass::kProbe;
}

auto Order(const CallSite& row) {
  return std::make_tuple(std::string_view(row.function), row.callers.empty(), row.syscalls.empty(),
                         !row.Is(kUnaudited), row.number);
}

}  // namespace

const char* Name(SiteClass site_class) {
  for (const auto& [name, value] : kClasses)
    if (value == site_class) return name.data();
  return "";
}

std::string SiteName(std::string_view function) {
  static constexpr std::array<std::string_view, 12> kEntries = {"__x64_sys_",
                                                                "__do_sys_",
                                                                "__se_sys_",
                                                                "__ia32_sys_",
                                                                "__arm64_sys_",
                                                                "__sys_",
                                                                "ksys_",
                                                                "__x64_compat_sys_",
                                                                "__do_compat_sys_",
                                                                "__se_compat_sys_",
                                                                "__ia32_compat_sys_",
                                                                "__arm64_compat_sys_"};
  for (const std::string_view entry : kEntries)
    if (function.starts_with(entry)) return "sys_" + std::string(function.substr(entry.size()));
  return std::string(function);
}

const CallSites& CallSites::BuiltIn() {
  static const CallSites* const sites = new CallSites(Parse(kCallSitesText).value());
  return *sites;
}

absl::StatusOr<CallSites> CallSites::Parse(std::string_view text) {
  CallSites sites;
  const absl::Status status = ReadTable(text, "call-site", kColumns, [&](const Cells& cells) {
    CallSite row;
    if (absl::Status read = Read(cells, row); !read.ok()) return read;
    const std::vector<std::string> functions = ListIn(cells[1]);
    if (functions.empty()) return absl::InvalidArgumentError("the function is missing");
    for (const std::string& function : functions) {
      row.function = function;
      sites.rows_.push_back(row);
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  std::stable_sort(sites.rows_.begin(), sites.rows_.end(),
                   [](const CallSite& a, const CallSite& b) { return Order(a) < Order(b); });
  return sites;
}

const CallSite* CallSites::FindAt(const std::string& function, const CheckKey& key,
                                  const std::vector<std::string>& callers) const {
  const auto first = std::lower_bound(
      rows_.begin(), rows_.end(), function,
      [](const CallSite& row, const std::string& name) { return row.function < name; });
  for (auto row = first; row != rows_.end() && row->function == function; ++row)
    if (Matches(*row, key, callers)) return &*row;
  return nullptr;
}

const CallSite* CallSites::Find(const CheckKey& key,
                                const std::vector<std::string>& callers) const {
  if (key.site.empty()) return nullptr;
  const std::string site = SiteName(key.site);
  if (const CallSite* row = FindAt(site, key, callers)) return row;
  size_t tried = 0;
  for (const std::string& caller : callers) {
    const std::string name = SiteName(caller);
    if (name == site) continue;
    if (tried++ == kFramesAbove) break;
    const CallSite* row = FindAt(name, key, callers);
    if (row != nullptr) return CountsAsNeed(*row) ? row : nullptr;
  }
  return nullptr;
}

CapabilitySet CallSites::PartnersOf(const std::string& function, Capability capability) const {
  CapabilitySet partners;
  const std::string name = SiteName(function);
  for (const CallSite& row : rows_) {
    if (row.function != name) continue;
    CapabilitySet group;
    for (const Capability member : row.alternatives) group.Add(member);
    if (group.Has(capability)) partners = partners | group;
  }
  partners.Remove(capability);
  return partners;
}

}  // namespace capmon

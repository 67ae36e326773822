// SPDX-License-Identifier: Apache-2.0
#include "client/commands/list_selection.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/base/quoted.h"
#include "client/base/text.h"
#include "client/commands/label_selector.h"
#include "client/render/container_list.h"
#include "daemon/model/capability.h"

namespace capmon {
namespace {

// What both lists have of a row.
struct ListedRow {
  const v1::ContainerSummary& summary;
  std::string name;
  uint32_t instances = 1;
  bool ended = false;
};

ListedRow RowOf(const v1::ContainerSummary& summary) {
  return {summary, DisplayName(summary.container()), 1, summary.container().has_ended()};
}

ListedRow RowOf(const v1::WorkloadSummary& row) {
  return {row.summary(), NameOfWorkload(row), row.workload().instances(),
          WorkloadHasEnded(row.workload())};
}

using Words = std::vector<std::string>;

Words Names(const google::protobuf::RepeatedPtrField<std::string>& capabilities) {
  Words names;
  for (const std::string& capability : capabilities) names.push_back(ShortName(capability));
  return names;
}

// What a filter of this key is compared with: one of them must fit.
const std::map<std::string, std::function<Words(const ListedRow&)>>& Values() {
  static const std::map<std::string, std::function<Words(const ListedRow&)>> kValues = {
      {"image", [](const ListedRow& row) { return Words{row.summary.container().image()}; }},
      {"keep", [](const ListedRow& row) { return Names(row.summary.used()); }},
      {"kind", [](const ListedRow& row) { return Words{row.summary.container().kind()}; }},
      {"denied", [](const ListedRow& row) { return Names(row.summary.denied()); }},
      {"name", [](const ListedRow& row) { return Words{row.name}; }},
      {"namespace",
       [](const ListedRow& row) { return Words{row.summary.container().namespace_()}; }},
      {"runtime", [](const ListedRow& row) { return Words{row.summary.container().runtime()}; }},
      {"state",
       [](const ListedRow& row) {
         return Words{row.summary.confidence().state(), row.ended ? "ended" : "running"};
       }},
      {"unknown", [](const ListedRow& row) { return Names(row.summary.unknown()); }}};
  return kValues;
}

bool HasCapabilities(const std::string& key) {
  return key == "keep" || key == "denied" || key == "unknown";
}

const std::map<std::string, std::function<uint64_t(const ListedRow&)>>& Numbers() {
  static const std::map<std::string, std::function<uint64_t(const ListedRow&)>> kNumbers = {
      {"checks", [](const ListedRow& row) { return row.summary.checks(); }},
      {"held", [](const ListedRow& row) { return row.summary.held(); }},
      {"instances", [](const ListedRow& row) { return row.instances; }},
      {"keep", [](const ListedRow& row) { return row.summary.used_size(); }},
      {"learned", [](const ListedRow& row) { return row.summary.confidence().observed_seconds(); }},
      {"denied", [](const ListedRow& row) { return row.summary.denied_size(); }},
      {"unknown", [](const ListedRow& row) { return row.summary.unknown_size(); }}};
  return kNumbers;
}

// "*" and "?" are patterns; what else fnmatch(3) knows stands for itself.
bool FitsPattern(const std::string& pattern, const std::string& value) {
  const std::string literal = absl::StrReplaceAll(pattern, {{"[", "\\["}, {"\\", "\\\\"}});
  return ::fnmatch(literal.c_str(), value.c_str(), 0) == 0;
}

// Patterns by key.
using Filters = std::map<std::string, Words>;

Filters Parsed(const Words& texts) {
  Filters filters;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    const std::string key = text.substr(0, equals);
    std::string pattern = text.substr(equals + 1);
    if (HasCapabilities(key)) {
      const auto capability = ParseCapability(pattern);
      if (capability) pattern = ShortCapabilityName(*capability);
    }
    filters[key].push_back(pattern);
  }
  return filters;
}

bool Fits(const Words& patterns, const Words& values) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    return std::ranges::any_of(
        values, [&](const std::string& value) { return FitsPattern(pattern, value); });
  });
}

// "--since": its newest instance began, or ended, at that time or later.
bool IsSince(const v1::Container& container, int64_t since) {
  return container.first_seen().seconds() >= since || container.ended().seconds() >= since;
}

std::vector<LabelRequirement> Requirements(const Words& selectors) {
  std::vector<LabelRequirement> all;
  for (const std::string& text : selectors)
    if (auto some = ParseLabelSelector(text); some.ok())
      all.insert(all.end(), some->begin(), some->end());
  return all;
}

template <typename Row>
void Sort(const std::string& key, google::protobuf::RepeatedPtrField<Row>& rows) {
  const auto number = Numbers().find(key);
  std::stable_sort(rows.pointer_begin(), rows.pointer_end(), [&](const Row* a, const Row* b) {
    return number == Numbers().end() ? RowOf(*a).name < RowOf(*b).name
                                     : number->second(RowOf(*a)) > number->second(RowOf(*b));
  });
}

template <typename Row>
void SelectRows(const ListSelection& selection, google::protobuf::RepeatedPtrField<Row>& rows) {
  const Filters filters = Parsed(selection.filters);
  const std::vector<LabelRequirement> labels = Requirements(selection.labels);
  const auto leaves_out = [&](const Row& row) {
    const ListedRow listed = RowOf(row);
    const v1::Container& container = listed.summary.container();
    return (!selection.name_space.empty() && container.namespace_() != selection.name_space) ||
           (!selection.sandboxes && IsSandbox(container)) ||
           (selection.since != 0 && !IsSince(container, selection.since)) ||
           !FitsSelector(labels, container.labels()) ||
           std::ranges::any_of(filters, [&](const auto& filter) {
             return !Fits(filter.second, Values().at(filter.first)(listed));
           });
  };
  rows.erase(std::remove_if(rows.begin(), rows.end(), leaves_out), rows.end());
  if (!selection.sort.empty()) Sort(selection.sort, rows);
}

template <typename Map>
Words KeysOf(const Map& map) {
  Words keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

constexpr std::array<const char*, 5> kStates = {"learning", "stable", "complete", "running",
                                                "ended"};

// Returns what a filter that can fit no row lacks, a clause; "" if it may fit one.
std::string WhyNeverFits(const std::string& key, const std::string& pattern) {
  const auto fits = [&](const std::string& value) { return FitsPattern(pattern, value); };
  if (key == "state" && std::ranges::none_of(kStates, fits))
    return absl::StrCat("fits no state; there are ", absl::StrJoin(kStates, ", "));
  if (!HasCapabilities(key) || ParseCapability(pattern)) return "";
  const std::vector<Capability> all = AllCapabilities().members();
  const auto names = [&](Capability c) { return fits(ShortCapabilityName(c)); };
  return std::ranges::any_of(all, names) ? "" : "fits no capability; write one like NET_RAW";
}

absl::Status CheckFilter(const std::string& filter) {
  const size_t equals = filter.find('=');
  if (equals == filter.npos || !Values().contains(filter.substr(0, equals)))
    return absl::InvalidArgumentError(absl::StrCat("--filter ", Quoted(filter),
                                                   " is not KEY=PATTERN with one of the keys ",
                                                   absl::StrJoin(FilterKeys(), ", ")));
  const std::string why = WhyNeverFits(filter.substr(0, equals), filter.substr(equals + 1));
  if (why.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--filter ", Quoted(filter), " ", why));
}

}  // namespace

const std::vector<std::string>& FilterKeys() {
  static const Words kKeys = KeysOf(Values());
  return kKeys;
}

const std::vector<std::string>& SortKeys() {
  static const Words kKeys = [] {
    Words keys = KeysOf(Numbers());
    keys.push_back("name");
    return keys;
  }();
  return kKeys;
}

absl::Status CheckSelection(const ListSelection& selection) {
  absl::Status fault;
  for (const std::string& filter : selection.filters) fault.Update(CheckFilter(filter));
  for (const std::string& list : selection.labels) fault.Update(ParseLabelSelector(list).status());
  return fault;
}

void Select(const ListSelection& selection, v1::ListContainersResponse& response) {
  SelectRows(selection, *response.mutable_containers());
}

void Select(const ListSelection& selection, v1::ListWorkloadsResponse& response) {
  SelectRows(selection, *response.mutable_workloads());
}

}  // namespace capmon

// SPDX-License-Identifier: Apache-2.0
#include "client/commands/import_command.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "client/base/input.h"
#include "client/base/output.h"
#include "client/base/quoted.h"
#include "client/base/text.h"
#include "client/commands/document.h"
#include "client/commands/profile_source.h"
#include "client/rpc/daemon.h"

namespace capmon {
namespace {

constexpr int kMostRows = 64;
constexpr size_t kMostBytes = 48 * 1024;  // capmond accepts 64 KiB
constexpr std::chrono::seconds kImportPatience(60);
constexpr char kDeclaredRow[] = "declared";

std::string Long(const std::string& name) { return absl::StrCat("CAP_", name); }

v1::ImportedInstance RowFor(const ProfileKey& key, const InstanceKey& instance,
                            const InstanceRow& row) {
  v1::ImportedInstance out;
  out.set_workload(key.workload);
  out.set_digest(key.digest);
  out.set_cluster(key.cluster);
  out.set_instance(instance.started.empty() ? instance.id
                                            : absl::StrCat(instance.id, " ", instance.started));
  out.set_observed_seconds(row.observed);
  out.set_stable(row.state == "stable");
  out.set_starts(row.starts);
  out.set_lost(row.lost);
  out.set_no_new_privileges(row.no_new_privileges);
  out.set_non_root(row.non_root);
  for (const auto& [name, verdict] : row.needs) (*out.mutable_needs())[Long(name)] = Name(verdict);
  for (const std::string& name : row.unknown) out.add_unknown(Long(name));
  for (const auto& [name, verdict] : row.unneeded) out.add_unneeded(Long(name));
  for (const auto& [name, verdict] : row.denied) out.add_denied(Long(name));
  out.mutable_surroundings()->insert(row.surroundings.begin(), row.surroundings.end());
  return out;
}

v1::ImportedInstance DeclaredFor(const ProfileKey& key, const std::set<std::string>& declared,
                                 const std::string& file) {
  v1::ImportedInstance out;
  out.set_workload(key.workload);
  out.set_digest(key.digest);
  out.set_cluster(key.cluster);
  out.set_instance(absl::StrCat(kDeclaredRow, " in ", file));
  out.set_declared(true);
  for (const std::string& name : declared)
    (*out.mutable_needs())[Long(name)] = Name(Verdict::kRequired);
  return out;
}

// "2 workloads, 5 instances"
std::string WhatIsIn(const ProfileSet& set) {
  std::set<std::string> workloads;
  size_t rows = 0;
  for (const auto& [key, profile] : set) {
    workloads.insert(key.workload);
    rows += profile.rows.size();
  }
  return absl::StrCat(workloads.size(), workloads.size() == 1 ? " workload, " : " workloads, ",
                      rows, rows == 1 ? " instance" : " instances");
}

// A container without a workload has no name that would be found again.
absl::StatusOr<ProfileSet> ReadNamed(const std::string& file) {
  auto set = ProfilesOfFile(file);
  if (!set.ok()) return set.status();
  const size_t nameless = std::erase_if(
      *set, [](const auto& one) { return one.first.workload.starts_with("cgroup:"); });
  if (nameless > 0)
    PrintNotes({absl::StrCat(file, ": left out ", nameless,
                             nameless == 1 ? " profile of a container" : " profiles of containers",
                             " without a workload")});
  return set;
}

}  // namespace

absl::Status AddRequestsFor(const ProfileSet& set, const std::string& file,
                            std::vector<v1::ImportProfilesRequest>& requests) {
  size_t bytes = kMostBytes;  // a file begins a request of its own
  absl::Status status;
  const auto add = [&](v1::ImportedInstance row) {
    const size_t more = row.ByteSizeLong() + 8;
    if (more > kMostBytes && status.ok())
      status = absl::InvalidArgumentError(absl::StrCat("import ", file, ": the instance ",
                                                       Quoted(row.instance()),
                                                       " is larger than capmond accepts"));
    if (bytes + more > kMostBytes || requests.back().rows_size() == kMostRows) {
      requests.emplace_back().set_file(file);
      bytes = 0;
    }
    bytes += more;
    *requests.back().add_rows() = std::move(row);
  };
  for (const auto& [key, profile] : set) {
    if (!profile.declared.empty()) add(DeclaredFor(key, profile.declared, file));
    for (const auto& [instance, row] : profile.rows) add(RowFor(key, instance, row));
  }
  return status;
}

namespace {

struct NamedSet {
  std::string name;
  ProfileSet set;
};

absl::StatusOr<std::vector<NamedSet>> ReadAll(const std::vector<std::string>& files) {
  if (std::ranges::count(files, kStandardInput) > 1)
    return absl::InvalidArgumentError("- is given twice, and standard input can be read only once");
  std::vector<NamedSet> sets;
  for (const std::string& file : files) {
    auto set = ReadNamed(file);
    if (!set.ok()) return set.status();
    sets.push_back({file == kStandardInput ? "standard input" : file, *std::move(set)});
  }
  return sets;
}

// An answer that is late or missing says nothing about what was done.
absl::Status Explained(absl::Status status) {
  if (!absl::IsUnavailable(status)) return status;
  return absl::UnavailableError(absl::StrCat(
      status.message(), "; all of it is imported or nothing, and importing it again is safe"));
}

absl::Status Send(const Settings& settings, const std::vector<NamedSet>& sets, bool any_cluster) {
  std::vector<v1::ImportProfilesRequest> requests;
  for (const auto& [name, set] : sets)
    if (absl::Status status = AddRequestsFor(set, name, requests); !status.ok()) return status;
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  if (requests.empty()) return absl::OkStatus();
  uint32_t rows = 0;
  for (v1::ImportProfilesRequest& request : requests) {
    rows += static_cast<uint32_t>(request.rows_size());
    request.set_any_cluster(any_cluster);
  }
  requests.front().set_rows_in_all(rows);
  return Explained(
      daemon->CallWithAll(&Daemon::Stub::ImportProfiles, requests, kImportPatience).status());
}

}  // namespace

absl::Status Import(const Settings& settings, const ImportOptions& options) {
  const auto sets = ReadAll(options.files);
  if (!sets.ok()) return sets.status();
  if (absl::Status sent = Send(settings, *sets, options.any_cluster); !sent.ok()) return sent;
  nlohmann::ordered_json imported = nlohmann::ordered_json::array();
  std::string lines;
  for (const auto& [name, set] : *sets) {
    size_t rows = 0;
    for (const auto& [key, profile] : set) rows += profile.rows.size();
    imported.push_back({{"file", name}, {"profiles", set.size()}, {"instances", rows}});
    absl::StrAppend(&lines, Printable(name), ": imported ", WhatIsIn(set), "\n");
  }
  return settings.document() ? PrintDocument({{"imported", imported}}, settings.format)
                             : Print(lines);
}

}  // namespace capmon

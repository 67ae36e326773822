// SPDX-License-Identifier: Apache-2.0
#include "client/commands/profile_source.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/input.h"
#include "client/base/output.h"
#include "client/base/quoted.h"
#include "client/profile_file/convert.h"
#include "client/profile_file/profile_file.h"
#include "client/rpc/container_key.h"
#include "client/rpc/daemon.h"
#include "client/rpc/reference.h"

namespace capmon {
namespace {

constexpr size_t kLargestFile = 64 << 20;  // bytes
constexpr size_t kMaxRows = 20'000;        // as many rows as a file may have
constexpr std::string_view kFilePrefix = "file:";

std::string PathOf(const std::string& word) {
  return word.starts_with(kFilePrefix) ? word.substr(kFilePrefix.size()) : word;
}

// Returns nothing for a container that was evicted since it was listed.
absl::StatusOr<std::optional<v1::Profile>> ProfileOf(Daemon& daemon,
                                                     const v1::Container& container) {
  v1::GetProfileRequest request;
  request.set_container(container.folded().empty() ? ReferenceTo(container) : container.folded());
  request.set_instance(true);
  request.set_without_refresh(true);  // the list was up to date
  auto profile = daemon.Call(&Daemon::Stub::GetProfile, request);
  if (profile.ok()) return std::optional(*std::move(profile));
  if (absl::IsNotFound(profile.status()) || absl::IsFailedPrecondition(profile.status()))
    return std::optional<v1::Profile>();
  return profile.status();
}

// Returns true for containers and units; not for sessions and the host.
bool IsDeployed(const v1::Container& container) {
  return container.kind() == "container" || container.kind() == "unit";
}

// Returns whether a reference is the name of the workload, in full or as capmond shows it.
bool Names(const std::string& reference, const v1::Container& container) {
  return reference == WorkloadOf(container) || reference == container.workload() ||
         (!container.namespace_().empty() &&
          reference == absl::StrCat(container.namespace_(), "/", container.workload()));
}

// Returns the containers of what one reference means.
absl::StatusOr<std::set<std::string>> WorkloadsOf(Daemon& daemon, const std::string& reference,
                                                  const v1::ListContainersResponse& list) {
  std::set<std::string> workloads;
  for (const v1::ContainerSummary& summary : list.containers())
    if (Names(reference, summary.container())) workloads.insert(WorkloadOf(summary.container()));
  if (!workloads.empty()) return workloads;
  const auto resolved = ResolveReference(reference);
  if (!resolved.ok()) return resolved.status();
  v1::GetProfileRequest request;
  request.set_container(*resolved);
  const auto profile = daemon.Call(&Daemon::Stub::GetProfile, request);
  if (!profile.ok()) return profile.status();
  const std::string& name = profile->workload().name();
  workloads.insert(name.empty() ? KeyOf(*profile).workload : name);
  return workloads;
}

// Returns nothing where all are wanted.
absl::StatusOr<std::set<std::string>> WorkloadsOf(Daemon& daemon,
                                                  const std::vector<std::string>& references,
                                                  const v1::ListContainersResponse& list) {
  std::set<std::string> workloads;
  for (const std::string& reference : references) {
    const auto meant = WorkloadsOf(daemon, reference, list);
    if (!meant.ok()) return meant.status();
    workloads.insert(meant->begin(), meant->end());
  }
  return workloads;
}

// Adds what capmond answers for each whole workload that has imported instances, and, with
// `of_all_images`, for what was imported alone.
absl::Status AddImported(Daemon& daemon, const std::set<std::string>* wanted, bool of_all_images,
                         ProfileSet& set) {
  v1::ListWorkloadsRequest all;
  all.set_include_ended(true);
  const auto list = daemon.Call(&Daemon::Stub::ListWorkloads, all);
  if (!list.ok()) return list.status();
  const auto add = [&](const v1::Workload& workload, bool alone) {
    v1::GetProfileRequest request;
    request.set_container(workload.name());
    request.set_without_refresh(true);
    request.set_only_imported(alone);
    const auto profile = daemon.Call(&Daemon::Stub::GetProfile, request);
    // Nothing was imported, or it was removed since the list was made.
    if (absl::IsNotFound(profile.status())) return absl::OkStatus();
    if (!profile.ok()) return profile.status();
    ProfileKey key = KeyOf(*profile);
    key.workload = workload.name();
    if (alone) key.image = key.digest = "";
    auto [instance, row] = RowOf(*profile);
    instance.id = alone ? "imported" : "with-imported";  // no instance has such an id
    MergeInto(set[key], WorkloadProfile{{}, {{std::move(instance), std::move(row)}}});
    return absl::OkStatus();
  };
  for (const v1::WorkloadSummary& summary : list->workloads()) {
    const v1::Workload& workload = summary.workload();
    if (wanted != nullptr && !wanted->contains(workload.name())) continue;
    absl::Status status;
    if (workload.imported_instances() != 0 || !workload.imported().empty())
      status = add(workload, /*alone=*/false);
    if (of_all_images && status.ok()) status = add(workload, /*alone=*/true);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

bool IsProfileFile(const std::string& word) {
  return word == kStandardInput || word.starts_with(kFilePrefix);
}

bool LooksLikeFile(const std::string& word) {
  constexpr std::string_view kBegins[] = {"/", "./", "../"};
  constexpr std::string_view kEnds[] = {".yaml", ".yml", ".json"};
  return IsProfileFile(word) ||
         std::ranges::any_of(kBegins, [&](auto part) { return word.starts_with(part); }) ||
         std::ranges::any_of(kEnds, [&](auto part) { return word.ends_with(part); });
}

absl::StatusOr<ProfileSet> ProfilesOfFile(const std::string& word) {
  const std::string path = PathOf(word);
  const auto text = ReadInput(path, kLargestFile);
  if (!text.ok()) return text.status();
  auto set = ReadProfileFile(*text, path == kStandardInput ? "standard input" : path);
  if (set.ok() && set->empty())
    return absl::InvalidArgumentError(absl::StrCat(Quoted(path), " holds no profile"));
  return set;
}

absl::StatusOr<ProfileSet> ProfilesOfDaemon(const Settings& settings,
                                            const std::vector<std::string>& references,
                                            Imported imported) {
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  v1::ListContainersRequest request;
  request.set_include_ended(true);
  request.set_include_folded(true);
  const auto list = daemon->Call(&Daemon::Stub::ListContainers, request);
  if (!list.ok()) return list.status();
  const auto wanted = WorkloadsOf(*daemon, references, *list);
  if (!wanted.ok()) return wanted.status();
  ProfileSet set;
  size_t rows = 0;
  for (const v1::ContainerSummary& summary : list->containers()) {
    const v1::Container& container = summary.container();
    if (!references.empty() ? !wanted->contains(WorkloadOf(container)) : !IsDeployed(container))
      continue;
    if (rows == kMaxRows) {
      PrintNotes(
          {absl::StrCat("more than ", kMaxRows, " containers match; the others are omitted")});
      break;
    }
    const auto profile = ProfileOf(*daemon, container);
    if (!profile.ok()) return profile.status();
    if (!*profile) continue;
    const auto [instance, row] = RowOf(**profile);
    MergeInto(set[KeyOf(**profile)],
              WorkloadProfile{{}, {{instance, row}}, FiledProofsOf(**profile)});
    ++rows;
  }
  if (imported != Imported::kLeftOut)
    if (absl::Status added = AddImported(*daemon, references.empty() ? nullptr : &*wanted,
                                         imported == Imported::kOfAllImages, set);
        !added.ok())
      return added;
  if (set.empty() && !references.empty())
    return absl::NotFoundError(absl::StrCat(
        "capmond saw no instance of ", absl::StrJoin(references, ", "), ", only imported ones"));
  return set;
}

absl::StatusOr<ProfileSet> ProfilesOf(const Settings& settings, const std::string& word) {
  return LooksLikeFile(word) ? ProfilesOfFile(word)
                             : ProfilesOfDaemon(settings, {word}, Imported::kIncluded);
}

}  // namespace capmon

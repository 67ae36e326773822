// SPDX-License-Identifier: Apache-2.0
#include "client/commands/profile_source.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
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
constexpr size_t kMaxContainers = 5000;
constexpr std::string_view kFilePrefix = "file:";

std::string PathOf(const std::string& word) {
  return word.starts_with(kFilePrefix) ? word.substr(kFilePrefix.size()) : word;
}

// Returns nothing for a container that ended since it was listed.
absl::StatusOr<std::optional<v1::Profile>> ProfileOf(Daemon& daemon, const std::string& reference) {
  v1::GetProfileRequest request;
  request.set_container(reference);
  request.set_instance(true);
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

absl::StatusOr<std::vector<v1::Profile>> AllProfiles(Daemon& daemon) {
  v1::ListContainersRequest request;
  request.set_include_ended(true);
  const auto list = daemon.Call(&Daemon::Stub::ListContainers, request);
  if (!list.ok()) return list.status();
  std::vector<v1::Profile> profiles;
  for (const v1::ContainerSummary& summary : list->containers()) {
    if (!IsDeployed(summary.container())) continue;
    if (profiles.size() == kMaxContainers) {
      PrintNotes({absl::StrCat("more than ", kMaxContainers,
                               " containers are known; the others are omitted")});
      break;
    }
    auto profile = ProfileOf(daemon, ReferenceTo(summary.container()));
    if (!profile.ok()) return profile.status();
    if (*profile) profiles.push_back(**std::move(profile));
  }
  return profiles;
}

// Returns whether a reference is the name of the workload, in full or as capmond shows it.
bool Names(const std::string& reference, const v1::Profile& profile) {
  const v1::Container& container = profile.container();
  return reference == KeyOf(profile).workload || reference == container.workload() ||
         (!container.namespace_().empty() &&
          reference == absl::StrCat(container.namespace_(), "/", container.workload()));
}

// Returns the workloads that one reference means.
absl::StatusOr<std::set<std::string>> WorkloadsOf(Daemon& daemon, const std::string& reference,
                                                  const std::vector<v1::Profile>& all) {
  std::set<std::string> workloads;
  for (const v1::Profile& profile : all)
    if (Names(reference, profile)) workloads.insert(KeyOf(profile).workload);
  if (!workloads.empty()) return workloads;
  const auto resolved = ResolveReference(reference);
  if (!resolved.ok()) return resolved.status();
  v1::GetProfileRequest request;
  request.set_container(*resolved);
  const auto profile = daemon.Call(&Daemon::Stub::GetProfile, request);
  if (!profile.ok()) return profile.status();
  workloads.insert(KeyOf(*profile).workload);
  return workloads;
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
                                            const std::vector<std::string>& references) {
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  const auto all = AllProfiles(*daemon);
  if (!all.ok()) return all.status();
  std::set<std::string> wanted;
  for (const std::string& reference : references) {
    const auto workloads = WorkloadsOf(*daemon, reference, *all);
    if (!workloads.ok()) return workloads.status();
    wanted.insert(workloads->begin(), workloads->end());
  }
  ProfileSet set;
  for (const v1::Profile& profile : *all) {
    const ProfileKey key = KeyOf(profile);
    if (!references.empty() && !wanted.contains(key.workload)) continue;
    const auto [instance, row] = RowOf(profile);
    MergeInto(set[key], WorkloadProfile{{}, {{instance, row}}});
  }
  return set;
}

absl::StatusOr<ProfileSet> ProfilesOf(const Settings& settings, const std::string& word) {
  return LooksLikeFile(word) ? ProfilesOfFile(word) : ProfilesOfDaemon(settings, {word});
}

}  // namespace capmon

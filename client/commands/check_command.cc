// SPDX-License-Identifier: Apache-2.0
#include "client/commands/check_command.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/base/exit_code.h"
#include "client/base/input.h"
#include "client/base/output.h"
#include "client/base/quoted.h"
#include "client/commands/document.h"
#include "client/commands/manifest_files.h"
#include "client/commands/profile_source.h"
#include "client/manifest/report.h"

namespace capmon {
namespace {

constexpr size_t kLargestManifest = 4 << 20;  // bytes
constexpr size_t kMaxContainers = 20'000;

absl::StatusOr<ProfileSet> ReadProfiles(const Settings& settings,
                                        const std::vector<std::string>& words) {
  if (words.empty()) {
    auto asked = ProfilesOfDaemon(settings, {}, Imported::kOfAllImages);
    if (!absl::IsUnavailable(asked.status())) return asked;
    return absl::UnavailableError(
        absl::StrCat(asked.status().message(), "; or give profile files with --profiles"));
  }
  ProfileSet merged;
  for (const std::string& word : words) {
    const auto files = FilesBelow(word);
    if (!files.ok()) return files.status();
    for (const std::string& file : *files) {
      const auto set = ProfilesOfFile(file);
      if (!set.ok()) return set.status();
      MergeInto(merged, *set);
    }
  }
  return merged;
}

struct NamedManifest {
  std::string name;
  Manifest manifest;
};

absl::StatusOr<std::vector<NamedManifest>> ReadManifests(const std::vector<std::string>& paths) {
  std::vector<NamedManifest> manifests;
  size_t containers = 0;
  for (const std::string& path : paths) {
    const auto files = FilesBelow(path);
    if (!files.ok()) return files.status();
    for (const std::string& file : *files) {
      const auto text = ReadInput(file, kLargestManifest);
      if (!text.ok()) return text.status();
      Manifest manifest = ReadManifest(*text, ProjectOf(file));
      containers += manifest.containers.size();
      if (containers > kMaxContainers)
        return absl::InvalidArgumentError(absl::StrCat(
            "the manifests have more than ", kMaxContainers, " containers; give them in parts"));
      manifests.push_back({file == kStandardInput ? "stdin" : file, std::move(manifest)});
    }
  }
  return manifests;
}

// Leaves out files that are about something else.
std::vector<CheckedFile> CheckAll(const std::vector<NamedManifest>& manifests,
                                  const ProfileSet& profiles, const CheckOptions& options) {
  std::vector<CheckedFile> checked;
  for (const auto& [name, manifest] : manifests) {
    CheckedFile result = CheckManifest(name, manifest, profiles, options);
    if (!result.containers.empty() || !result.findings.empty())
      checked.push_back(std::move(result));
  }
  return checked;
}

absl::Status PrintChecked(const Settings& settings, const std::vector<CheckedFile>& files) {
  switch (settings.format) {
    case Format::kSarif: return PrintDocument(CheckSarif(files), Format::kJson);
    case Format::kJunit: return Print(CheckJunit(files));
    default: break;
  }
  return settings.document() ? PrintDocument(CheckJson(files), settings.format)
                             : Print(CheckText(files));
}

}  // namespace

absl::StatusOr<int> CheckManifests(const Settings& settings, const ManifestOptions& options) {
  const auto inputs = std::ranges::count(options.manifests, kStandardInput) +
                      std::ranges::count(options.profiles, kStandardInput);
  if (inputs > 1)
    return absl::InvalidArgumentError("- is given twice, and standard input can be read only once");
  const auto manifests = ReadManifests(options.manifests);
  if (!manifests.ok()) return manifests.status();
  const auto profiles = ReadProfiles(settings, options.profiles);
  if (!profiles.ok()) return profiles.status();
  const std::vector<CheckedFile> files = CheckAll(*manifests, *profiles, options.check);
  if (files.empty())
    return absl::NotFoundError(
        absl::StrCat("no container was found in ", Quoted(options.manifests[0]),
                     "; capmon check -f reads manifests of Kubernetes and Compose files"));
  if (absl::Status printed = PrintChecked(settings, files); !printed.ok()) return printed;
  const FindingCounts counts = CountsOf(files);
  if (counts.failed()) return kExitDifference;
  if (options.strict && counts.unsettled > 0)
    return absl::DataLossError(absl::StrCat(
        counts.unsettled, " of ", counts.containers,
        " containers have no profile or an incomplete one; learn more, or leave out --strict"));
  return kExitOk;
}

}  // namespace capmon

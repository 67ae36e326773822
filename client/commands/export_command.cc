// SPDX-License-Identifier: Apache-2.0
#include "client/commands/export_command.h"

#include <algorithm>

#include "client/base/input.h"
#include "client/base/output.h"
#include "client/commands/document.h"
#include "client/commands/profile_source.h"
#include "client/profile_file/profile_file.h"

namespace capmon {
namespace {

// Prints YAML, also for the table format.
absl::Status PrintSet(const Settings& settings, const ProfileSet& set) {
  const bool json = settings.document() && settings.format != Format::kYaml;
  return json ? PrintDocument(ToJsonFile(set), settings.format) : Print(ToYamlFile(set));
}

}  // namespace

absl::Status Export(const Settings& settings, const std::vector<std::string>& references) {
  const auto set = ProfilesOfDaemon(settings, references, Imported::kLeftOut);
  return set.ok() ? PrintSet(settings, *set) : set.status();
}

absl::Status MergeFiles(const Settings& settings, const std::vector<std::string>& files) {
  if (std::ranges::count(files, kStandardInput) > 1)
    return absl::InvalidArgumentError("- is given twice, and standard input can be read only once");
  ProfileSet merged;
  for (const std::string& file : files) {
    const auto set = ProfilesOfFile(file);
    if (!set.ok()) return set.status();
    MergeInto(merged, *set);
  }
  return PrintSet(settings, merged);
}

}  // namespace capmon

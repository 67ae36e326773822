// SPDX-License-Identifier: Apache-2.0
#include "client/cli/cli_files.h"

#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "client/cli/done.h"
#include "client/commands/check_command.h"
#include "client/commands/diff_command.h"
#include "client/commands/export_command.h"
#include "client/commands/import_command.h"
#include "client/commands/record_command.h"

namespace capmon {
namespace {

constexpr char kSource[] = "FILE|CONTAINER";

void AddExport(CLI::App& app, const Settings& settings, Action& action) {
  CLI::App* const command =
      app.add_subcommand("export", "Print the profiles of workloads as a file");
  const auto references = std::make_shared<std::vector<std::string>>();
  command->add_option("container", *references,
                      "Containers as for profile, or workloads; without any, all");
  command->callback([=, &settings, &action] {
    action = [=, &settings] { return Done(Export(settings, *references)); };
  });
}

void AddMerge(CLI::App& app, const Settings& settings, Action& action) {
  CLI::App* const command =
      app.add_subcommand("merge", "Merge profile files, such as those of several machines");
  const auto files = std::make_shared<std::vector<std::string>>();
  command->add_option("file", *files, "Profile files; - reads standard input")
      ->required()
      ->type_name("FILE");
  command->callback([=, &settings, &action] {
    action = [=, &settings] { return Done(MergeFiles(settings, *files)); };
  });
}

void AddImport(CLI::App& app, const Settings& settings, Action& action) {
  CLI::App* const command = app.add_subcommand(
      "import", "Add the instances of profile files to what capmond knows of their workloads");
  const auto options = std::make_shared<ImportOptions>();
  command->add_option("file", options->files, "Profile files; - reads standard input")
      ->required()
      ->type_name("FILE");
  command->add_flag("--any-cluster", options->any_cluster,
                    "Import also profiles of another cluster than that of capmond");
  command->callback([=, &settings, &action] {
    action = [=, &settings] { return Done(Import(settings, *options)); };
  });
}

void AddDiff(CLI::App& app, const Settings& settings, Action& action) {
  CLI::App* const command =
      app.add_subcommand("diff", "Show the differences between two profiles of a workload");
  const auto before = std::make_shared<std::string>(), after = std::make_shared<std::string>();
  command->add_option("before", *before, "A profile file, - or a container as for profile")
      ->required()
      ->type_name(kSource);
  command->add_option("after", *after, "Likewise")->required()->type_name(kSource);
  command->callback([=, &settings, &action] {
    action = [=, &settings] { return Diff(settings, *before, *after); };
  });
}

struct CheckWords {
  std::string profile, baseline;
  ManifestOptions manifests;
};

absl::StatusOr<int> Check(const Settings& settings, const CheckWords& words) {
  const bool of_baseline = !words.profile.empty() || !words.baseline.empty();
  const bool of_manifests = !words.manifests.manifests.empty();
  if (of_baseline == of_manifests || words.profile.empty() != words.baseline.empty())
    return absl::InvalidArgumentError(
        "give a profile with --baseline, or manifests with -f; see capmon check --help");
  if (of_manifests) return CheckManifests(settings, words.manifests);
  if (settings.format == Format::kSarif || settings.format == Format::kJunit)
    return absl::InvalidArgumentError("-o sarif and -o junit are for capmon check -f");
  return CheckBaseline(settings, words.profile, words.baseline);
}

void AddCheck(CLI::App& app, const Settings& settings, Action& action) {
  CLI::App* const command = app.add_subcommand(
      "check", "Check manifests against profiles, or a profile against a baseline, for CI");
  const auto words = std::make_shared<CheckWords>();
  command
      ->add_option("profile", words->profile,
                   "With --baseline: a profile file, - or a container as for profile")
      ->type_name(kSource);
  command->add_option("--baseline", words->baseline, "The profile file to compare with")
      ->type_name("FILE");
  ManifestOptions& options = words->manifests;
  command
      ->add_option("-f,--file", options.manifests,
                   "Manifests of Kubernetes or Compose: files, directories or -")
      ->type_name("PATH");
  command
      ->add_option("--profiles", options.profiles,
                   "Profile files, or directories of them; without this, capmond is asked")
      ->type_name("PATH");
  command
      ->add_option("--runtime", options.check.runtime,
                   "The runtime that decides the default capabilities")
      ->check(CLI::IsMember({"docker", "podman", "containerd", "cri-o"}));
  command->add_option("--namespace", options.check.name_space,
                      "The namespace of manifests that name none");
  command->add_flag("--assume-unused", options.check.assume_unused,
                    "Treat unknown capabilities as unused");
  command->add_flag("--strict", options.strict,
                    "Fail if a container has no profile or incomplete evidence");
  command->callback(
      [=, &settings, &action] { action = [=, &settings] { return Check(settings, *words); }; });
}

absl::StatusOr<int> RecordFor(const Settings& settings, const std::string& reference,
                              const std::string& until_stable, const std::string& most) {
  RecordOptions options;
  options.reference = reference;
  const auto quiet = ParseDuration(until_stable);
  if (!quiet.ok()) return quiet.status();
  options.until_stable = *quiet;
  if (!most.empty()) {
    const auto limit = ParseDuration(most);
    if (!limit.ok()) return limit.status();
    options.most = *limit;
  }
  return Record(settings, options);
}

void AddRecord(CLI::App& app, const Settings& settings, Action& action) {
  CLI::App* const command =
      app.add_subcommand("record", "Wait until the profile of a container is stable");
  struct Words {
    std::string reference, until_stable, most;
  };
  const auto words = std::make_shared<Words>();
  command->add_option("container", words->reference, "As for profile, or a workload")->required();
  command
      ->add_option("--until-stable", words->until_stable,
                   "Stable after this time without anything new, like 90s, 3m or 1h")
      ->required()
      ->type_name("TIME");
  command->add_option("--for", words->most, "Stop after this time, stable or not")
      ->type_name("TIME");
  command->callback([=, &settings, &action] {
    action = [=, &settings] {
      return RecordFor(settings, words->reference, words->until_stable, words->most);
    };
  });
}

}  // namespace

void AddFileCommands(CLI::App& app, const Settings& settings, Action& action) {
  AddExport(app, settings, action);
  AddImport(app, settings, action);
  AddMerge(app, settings, action);
  AddDiff(app, settings, action);
  AddCheck(app, settings, action);
  AddRecord(app, settings, action);
}

}  // namespace capmon

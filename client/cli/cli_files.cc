// SPDX-License-Identifier: Apache-2.0
#include "client/cli/cli_files.h"

#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "client/base/exit_code.h"
#include "client/commands/diff_command.h"
#include "client/commands/export_command.h"

namespace capmon {
namespace {

constexpr char kSource[] = "FILE|CONTAINER";

absl::StatusOr<int> Done(const absl::Status& status) {
  if (!status.ok()) return status;
  return kExitOk;
}

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

void AddCheck(CLI::App& app, const Settings& settings, Action& action) {
  CLI::App* const command =
      app.add_subcommand("check", "Compare a profile with a baseline, for CI");
  const auto now = std::make_shared<std::string>(), baseline = std::make_shared<std::string>();
  command->add_option("profile", *now, "A profile file, - or a container as for profile")
      ->required()
      ->type_name(kSource);
  command->add_option("--baseline", *baseline, "The profile file to compare with")
      ->required()
      ->type_name("FILE");
  command->callback([=, &settings, &action] {
    action = [=, &settings] { return CheckBaseline(settings, *now, *baseline); };
  });
}

}  // namespace

void AddFileCommands(CLI::App& app, const Settings& settings, Action& action) {
  AddExport(app, settings, action);
  AddMerge(app, settings, action);
  AddDiff(app, settings, action);
  AddCheck(app, settings, action);
}

}  // namespace capmon

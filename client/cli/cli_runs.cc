// SPDX-License-Identifier: Apache-2.0
#include "client/cli/cli_runs.h"

#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/cli/bracketed.h"
#include "client/commands/minimize_command.h"
#include "client/commands/minimize_container.h"
#include "client/commands/verify_command.h"
#include "client/commands/verify_container.h"

namespace capmon {
namespace {

// Of a command and a container.
template <typename Options>
absl::Status ExpectOne(const Options& options, const char* name) {
  if (options.command.empty() != options.container.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "give a command after --, or a container with --docker; see capmon ", name, " --help"));
}

absl::StatusOr<int> Verify(const Settings& settings, const VerifyOptions& options) {
  if (absl::Status status = ExpectOne(options, "verify"); !status.ok()) return status;
  return options.command.empty() ? VerifyContainer(settings, options)
                                 : VerifyCommand(settings, options);
}

void AddVerify(CLI::App& app, const Settings& settings, Action& action) {
  const auto options = std::make_shared<VerifyOptions>();
  CLI::App* const verify = app.add_subcommand(
      "verify", "Run a command, or a twin of a container, with only the recommended set");
  verify->callback([&settings, &action, options] {
    action = [&settings, options] { return Verify(settings, *options); };
  });
  verify
      ->add_option_function<std::string>(
          "--keep", [options](const std::string& list) { options->keep = list; },
          "Use this set, like CHOWN,NET_RAW, or none, instead of the recommendation")
      ->type_name("CAPABILITIES");
  verify->add_option("--without", options->without, "Leave these out of the set")
      ->type_name("CAPABILITIES");
  verify->add_option("--check", options->check,
                     "Command for sh; exit code 0 means that the job is done");
  verify
      ->add_option("--check-timeout", options->check_timeout, "Seconds the check may take to pass")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  verify->add_option("--docker", options->container, "Start a twin of this container")
      ->type_name("CONTAINER");
  verify->add_option("--docker-socket", options->docker_socket, "Socket of Docker or Podman")
      ->capture_default_str();
  verify->add_option("command", options->command, "After --: the command and its arguments");
  KeepBracketsInAll(verify);
}

absl::StatusOr<int> Minimize(const Settings& settings, const MinimizeOptions& options) {
  if (absl::Status status = ExpectOne(options, "minimize"); !status.ok()) return status;
  if (options.share_volumes && options.container.empty())
    return absl::InvalidArgumentError("--share-volumes needs --docker");
  return options.command.empty() ? MinimizeContainer(settings, options)
                                 : MinimizeCommand(settings, options);
}

void AddMinimize(CLI::App& app, const Settings& settings, Action& action) {
  const auto chosen = std::make_shared<MinimizeOptions>();
  MinimizeOptions& options = *chosen;
  CLI::App* const minimize = app.add_subcommand(
      "minimize", "Find the smallest set by running a command, or twins of a container, again");
  minimize->callback([&settings, &action, chosen] {
    action = [&settings, chosen] { return Minimize(settings, *chosen); };
  });
  minimize->add_option("--check", options.check.command,
                       "Command for sh; exit code 0 means that the job is done");
  minimize->add_option("--check-after", options.check.after, "Seconds before the check is tried")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  minimize
      ->add_option("--check-timeout", options.check.timeout, "Seconds the check may take to pass")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  minimize
      ->add_option("--repeat", options.repeat,
                   "Runs that a smaller set must pass; by default 3 with a check, 6 without")
      ->check(CLI::Range(1, 100));
  minimize->add_option("--max-runs", options.max_runs, "Runs at most; the rest is kept")
      ->check(CLI::Range(2, 1000))
      ->capture_default_str();
  minimize->add_flag("--dry-run", options.dry_run, "Print what would be tried");
  minimize->add_option("--docker", options.container, "Start twins of this container")
      ->type_name("CONTAINER");
  minimize->add_option("--docker-socket", options.docker_socket, "Socket of Docker or Podman")
      ->capture_default_str();
  minimize->add_flag("--share-volumes", options.share_volumes,
                     "With --docker: let twins write to the container's volumes");
  minimize
      ->add_option("--emit", options.emit,
                   "programs: print rows for the table of programs instead of the result")
      ->check(CLI::IsMember({"programs"}))
      ->type_name("WHAT");
  minimize->add_option("command", options.command, "After --: the command and its arguments");
  KeepBracketsInAll(minimize);
}

}  // namespace

void AddRunsUnderSets(CLI::App& app, const Settings& settings, Action& action) {
  AddVerify(app, settings, action);
  AddMinimize(app, settings, action);
}

}  // namespace capmon

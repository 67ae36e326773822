// SPDX-License-Identifier: Apache-2.0
#include "client/cli/cli_runs.h"

#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/cli/bracketed.h"
#include "client/commands/minimize_bundle.h"
#include "client/commands/minimize_command.h"
#include "client/commands/minimize_container.h"
#include "client/commands/minimize_plan.h"
#include "client/commands/minimize_runner.h"
#include "client/commands/verify_command.h"
#include "client/commands/verify_container.h"
#include "client/run/docker_socket.h"

namespace capmon {
namespace {

// Of a command and a container.
template <typename Options>
absl::Status ExpectOne(const Options& options, const char* name) {
  if (options.command.empty() != options.container.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "give a command after --, or a container with --docker; see capmon ", name, " --help"));
}

// The same with the path of the engine's socket.
template <typename Options>
absl::StatusOr<Options> WithSocket(Options options) {
  auto socket = DockerSocket(options.docker_socket);
  if (!socket.ok()) return socket.status();
  options.docker_socket = *std::move(socket);
  return options;
}

absl::StatusOr<int> Verify(const Settings& settings, const VerifyOptions& options) {
  if (absl::Status status = ExpectOne(options, "verify"); !status.ok()) return status;
  if (!options.command.empty()) return VerifyCommand(settings, options);
  const auto located = WithSocket(options);
  return located.ok() ? VerifyContainer(settings, *located) : located.status();
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
  verify
      ->add_option("--docker-socket", options->docker_socket,
                   "Socket of Docker or Podman; by default that of $DOCKER_HOST, else "
                   "/run/docker.sock")
      ->type_name("PATH");
  verify->add_option("command", options->command, "After --: the command and its arguments");
  KeepBracketsInAll(verify);
}

// Fails unless exactly one kind of job is given.
absl::Status ExpectOneJob(const MinimizeOptions& options) {
  const bool of_docker = !options.container.empty() || !options.service.empty();
  const int jobs = !options.command.empty() + !options.container.empty() +
                   !options.service.empty() + !options.bundle.empty() + !options.runner.empty();
  if (jobs != 1)
    return absl::InvalidArgumentError(
        "give one job: a command after --, --docker, --compose, --oci or --runner; see capmon "
        "minimize --help");
  if (!options.plan.empty() && options.command.size() != 1)
    return absl::InvalidArgumentError("--plan needs one container: capmon minimize --plan k8s REF");
  if (options.plan.empty() && !options.without.empty())
    return absl::InvalidArgumentError("--without needs --plan");
  if (options.share_volumes && !of_docker && options.bundle.empty())
    return absl::InvalidArgumentError("--share-volumes needs --docker, --compose or --oci");
  if (options.copy_volumes && !of_docker)
    return absl::InvalidArgumentError("--copy-volumes needs --docker or --compose");
  if (!options.before.empty() && (options.command.empty() || !options.plan.empty()))
    return absl::InvalidArgumentError("--before needs a command after --");
  if (!options.runner.empty() && !options.check.command.empty())
    return absl::InvalidArgumentError(
        "--check is not combined with --runner, whose exit status is the check");
  return absl::OkStatus();
}

absl::StatusOr<int> Minimize(const Settings& settings, const MinimizeOptions& options) {
  if (absl::Status status = ExpectOneJob(options); !status.ok()) return status;
  if (!options.plan.empty()) return PlanForKubernetes(settings, options);
  if (!options.runner.empty()) return MinimizeByRunner(settings, options);
  if (!options.bundle.empty()) return MinimizeBundle(settings, options);
  if (!options.command.empty()) return MinimizeCommand(settings, options);
  const auto located = WithSocket(options);
  if (!located.ok()) return located.status();
  return options.service.empty() ? MinimizeContainer(settings, *located)
                                 : MinimizeService(settings, *located);
}

// What is run, or what a plan is for.
void AddJobs(CLI::App* minimize, MinimizeOptions& options) {
  minimize->add_option("--docker", options.container, "Start twins of this container")
      ->type_name("CONTAINER");
  minimize
      ->add_option("--docker-socket", options.docker_socket,
                   "Socket of Docker or Podman; by default that of $DOCKER_HOST, else "
                   "/run/docker.sock")
      ->type_name("PATH");
  minimize->add_flag("--share-volumes", options.share_volumes,
                     "Let the runs write to the container's volumes or bind mounts");
  minimize
      ->add_flag("--copy-volumes", options.copy_volumes,
                 "Give each run copies of the container's volumes and bind mounts")
      ->excludes("--share-volumes");
  minimize->add_option("--compose", options.service, "Start twins of the container of this service")
      ->expected(2)
      ->type_name("FILE SERVICE");
  minimize->add_option("--oci", options.bundle, "Run the container of the bundle in this directory")
      ->type_name("BUNDLE");
  minimize->add_option("--oci-runtime", options.runtime, "runc, or one with its command line")
      ->capture_default_str();
  minimize
      ->add_option("--runner", options.runner,
                   "Command for sh that runs the job under $CAPMON_KEEP and prints its container")
      ->type_name("COMMAND");
  minimize
      ->add_option("--plan", options.plan,
                   "k8s: print patches for a canary of the container REF, and try nothing")
      ->check(CLI::IsMember({"k8s"}))
      ->type_name("WHAT");
  minimize
      ->add_option("--without", options.without, "With --plan: leave these out from the beginning")
      ->type_name("CAPABILITIES");
  minimize->add_option("command", options.command, "After --: the command and its arguments");
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
  minimize->add_option(
      "--before", options.before,
      "Command for sh before each run of a command, to undo what runs left behind");
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
  minimize
      ->add_option_function<std::string>(
          "--prove",
          [&options](const std::string& what) { options.only_doubtful = what == "doubtful"; },
          "all: try each capability; doubtful: not those that the evidence calls required")
      ->check(CLI::IsMember({"all", "doubtful"}))
      ->type_name("WHAT");
  minimize->add_flag_callback(
      "--no-record", [&options] { options.record = false; },
      "Do not record the findings about a container in capmond");
  minimize->add_flag("--dry-run", options.dry_run, "Print what would be tried");
  minimize
      ->add_option("--emit", options.emit,
                   "programs: print rows for the table of programs instead of the result")
      ->check(CLI::IsMember({"programs"}))
      ->type_name("WHAT");
  AddJobs(minimize, options);
  KeepBracketsInAll(minimize);
}

}  // namespace

void AddRunsUnderSets(CLI::App& app, const Settings& settings, Action& action) {
  AddVerify(app, settings, action);
  AddMinimize(app, settings, action);
}

}  // namespace capmon

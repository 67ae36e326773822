// SPDX-License-Identifier: Apache-2.0
#include "client/cli/cli.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/base/environment.h"
#include "client/base/exit_code.h"
#include "client/base/output.h"
#include "client/base/terminal_style.h"
#include "client/cli/bracketed.h"
#include "client/cli/cli_files.h"
#include "client/cli/cli_global.h"
#include "client/cli/cli_list.h"
#include "client/cli/cli_local.h"
#include "client/cli/cli_runs.h"
#include "client/cli/usage.h"
#include "client/commands/commands.h"
#include "client/commands/context_command.h"
#include "client/commands/doctor.h"
#include "client/commands/report_command.h"
#include "client/commands/restart_plan_command.h"
#include "client/commands/run_command.h"
#include "client/commands/sink_command.h"
#include "client/completion/complete_command.h"
#include "client/render/artefact/artefact.h"
#include "client/rpc/client_tls.h"
#include "client/rpc/endpoint.h"
#include "client/top/top_command.h"
#include "common/utf8.h"
#include "generated/version.h"

namespace capmon {
namespace {

constexpr int kMostReferences = 100'000;  // xargs gives as many as a command line takes

// The parsed options of all commands, and the action of the given one.
struct Request {
  Settings settings;
  GlobalOptions global;
  std::string reference, capability;
  std::vector<std::string> references, words;
  bool instance = false, noise = false, imported = false, format_given = false, alive = false;
  AlertOptions alerts;
  int patience = 30;  // of sink flush
  ProfileOptions profile;
  RunOptions run;
  TerminalStyleOptions style;
  ReportOptions report;
  TopOptions top;
  Action action;
};

CLI::App* AddCommand(CLI::App& app, Request& request, const std::string& name,
                     const std::string& description, std::function<absl::Status()> action) {
  CLI::App* const command = app.add_subcommand(name, description);
  command->callback([&request, action = std::move(action)] {
    request.action = [action]() -> absl::StatusOr<int> {
      if (absl::Status status = action(); !status.ok()) return status;
      return kExitOk;
    };
  });
  return command;
}

// `into`: a text, or a list of them.
template <typename References>
CLI::Option* AddReference(CLI::App* command, References& into) {
  return command->add_option("container", into,
                             "Name, id prefix, NAMESPACE/POD[/CONTAINER], deploy/NAME, "
                             "unit:NAME.service, cgroup:/PATH, pid:N or self; profile also takes "
                             "file:PATH and -");
}

int ReportError(const absl::Status& status) {
  const ExitCode code = ExitCodeFor(status);
  if (code != kExitOk) PrintError(std::string(status.message()));
  return code;
}

// Shows one after the other; one that cannot be shown hides no other. Returns the exit code of the
// first that could not be shown.
int ShowProfiles(const Request& r) {
  const bool documents = r.settings.document();
  BetweenProfiles between;
  if (!documents || r.settings.format == Format::kYaml) between.text = documents ? "---\n" : "\n";
  int code = kExitOk;
  for (const std::string& reference : r.references) {
    const absl::Status shown = ShowProfile(r.settings, reference, r.profile, between);
    if (absl::IsCancelled(shown)) break;
    const int one = ReportError(shown);
    if (code == kExitOk) code = one;
  }
  return code;
}

absl::StatusOr<int> ValidateAndShowProfile(const Request& r) {
  const ProfileOptions& options = r.profile;
  if (options.kind && r.references.size() > 1)
    return absl::InvalidArgumentError("--as takes one container");
  if (!options.kind && options.enforce)
    return absl::InvalidArgumentError(
        "--enforce needs --as with a policy: psa, vap, kyverno or gatekeeper");
  if (!options.list.empty() && options.kind != "k8s-patch")
    return absl::InvalidArgumentError("--list needs --as k8s-patch");
  if (options.kind && r.format_given)
    return absl::InvalidArgumentError("--as cannot be combined with -o");
  if (options.kind)
    if (absl::Status known = CheckArtefact(*options.kind, {options.enforce}); !known.ok())
      return known;
  return ShowProfiles(r);
}

void AddQueries(CLI::App& app, Request& r) {
  CLI::App* const profile =
      app.add_subcommand("profile", "Show what a workload or container needs and what to remove");
  profile->callback([&r] { r.action = [&r] { return ValidateAndShowProfile(r); }; });
  AddReference(profile, r.references)->required()->expected(1, kMostReferences);
  profile->add_flag("--strict-minimal", r.profile.strict_minimal, "Also remove what only degrades");
  profile->add_option("--as", r.profile.kind, "Print settings of this kind (see below)")
      ->type_name("KIND:{" + absl::StrReplaceAll(ArtefactKinds(), {{", ", ","}}) + "}");
  profile->add_flag("--instance", r.profile.instance,
                    "Show one container, not all of its workload");
  profile->add_flag("--enforce", r.profile.enforce, "With --as: policies deny instead of warning");
  profile->add_flag("--assume-unused", r.profile.assume_unused,
                    "Treat unknown capabilities as unused");
  profile
      ->add_option("--list", r.profile.list,
                   "With --as k8s-patch: the list in the pod's spec that has the container")
      ->check(CLI::IsMember({"containers", "initContainers", "ephemeralContainers"}))
      ->type_name("LIST");
  profile->add_flag("--strict", r.profile.strict, "Fail if the evidence is incomplete");
  profile->footer(ArtefactHelp());

  CLI::App* const explain =
      AddCommand(app, r, "explain", "Show the evidence behind one verdict",
                 [&r] { return Explain(r.settings, r.reference, r.capability, r.instance); });
  AddReference(explain, r.reference)->required();
  explain->add_flag("--instance", r.instance, "Explain one container, not all of its workload");
  explain->add_option("capability", r.capability, "Like NET_RAW")->required();

  CLI::App* const status =
      app.add_subcommand("status", "Show capmond's health, back end, losses and blind spots");
  status->add_flag("--alive", r.alive, "Exit with 1 only if capmond must be started again");
  status->callback([&r] { r.action = [&r] { return ShowStatus(r.settings, r.alive); }; });

  AddCommand(app, r, "restart-plan",
             "Show what to restart so that capmond sees its start, and the commands",
             [&r] { return ShowRestartPlan(r.settings); });

  CLI::App* const doctor = app.add_subcommand(
      "doctor", "Check this machine and capmond, and say how to fix what is missing");
  doctor->callback([&r] { r.action = [&r] { return Doctor(r.settings); }; });
}

void AddScreens(CLI::App& app, Request& r) {
  CLI::App* const top =
      AddCommand(app, r, "top", "Show held and used capabilities on a live screen",
                 [&r] { return Top(r.settings, r.top, r.style); });
  top->add_flag("-a,--all", r.top.all, "Include ended containers");
  top->add_option("--interval", r.top.interval, "Seconds between updates")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  AddLook(top, r.style);

  CLI::App* const report =
      AddCommand(app, r, "report", "Write held and used capabilities as an HTML page",
                 [&r] { return WriteReport(r.settings, r.report); });
  report->add_option("-o,--output", r.report.output, "The file to write")->required();
  report->add_flag("-a,--all", r.report.all, "Include ended workloads");
  report
      ->add_option("--baseline", r.report.baseline,
                   "A profile file: also show what changed since; - reads standard input")
      ->type_name("FILE");
}

void AddStreams(CLI::App& app, Request& r) {
  CLI::App* const watch = AddCommand(app, r, "watch", "Print checks as they happen",
                                     [&r] { return Watch(r.settings, r.reference, r.noise); });
  AddReference(watch, r.reference);
  watch->add_flag("--noise", r.noise, "Include checks without meaning");

  CLI::App* const alerts =
      AddCommand(app, r, "alerts", "List alerts: first uses, denied attempts, code run from memory",
                 [&r] { return Alerts(r.settings, r.alerts); });
  alerts->add_flag("-f,--follow", r.alerts.follow, "Wait for new alerts");
  alerts->add_option("--since", r.alerts.since, "Only with a check since: 10m, 2h, 1d, or RFC 3339")
      ->type_name("TIME")
      ->check(FaultOfFilter);
  alerts->add_option("--severity", r.alerts.severity, "Only of this severity or a higher one")
      ->check(CLI::IsMember({"info", "low", "medium", "high", "critical"}));
  alerts->add_option("--workload", r.alerts.workload, "Only of workloads like deploy/web or shop/*")
      ->check(FaultOfFilter);
  alerts->add_option("--rule", r.alerts.rule, "Only of one rule, like CM001")->check(FaultOfFilter);
  alerts->add_option("--container", r.alerts.container, "Only of the container of this name or id")
      ->check(FaultOfFilter);
}

absl::Status DoBaseline(const Request& r) {
  const std::string& reference = r.words.back();
  const std::string action = r.words.size() == 1 ? "set" : r.words.front();
  if (action == "set") return SetBaseline(r.settings, reference);
  if (action == "show") return ShowBaseline(r.settings, reference);
  if (action == "reset") return ResetBaseline(r.settings, reference);
  return absl::InvalidArgumentError(
      absl::StrCat("capmon baseline takes show, set or reset, not \"", action, "\""));
}

void AddActions(CLI::App& app, Request& r) {
  AddReference(
      AddCommand(app, r, "approve", "Approve what a workload used: other uses raise alerts",
                 [&r] { return Approve(r.settings, r.reference); }),
      r.reference)
      ->required();
  CLI::App* const baseline =
      AddCommand(app, r, "baseline", "Set, show or reset what is normal: other uses raise alerts",
                 [&r] { return DoBaseline(r); });
  baseline->add_option("container", r.words, "[show, set or reset] and a container or workload")
      ->expected(1, 2)
      ->required();
  CLI::App* const reset =
      AddCommand(app, r, "reset", "Delete the evidence of a container, and what was imported",
                 [&r] { return Reset(r.settings, r.reference, r.imported); });
  AddReference(reset, r.reference)->required();
  reset->add_flag("--imported", r.imported, "Delete only what was imported for a workload");

  CLI::App* const run = app.add_subcommand("run", "Run a command and print its profile");
  run->callback([&r] { r.action = [&r] { return RunCommand(r.settings, r.run); }; });
  run->add_option("--output", r.run.output, "Write the profile to this file")->type_name("FILE");
  run->add_flag("--strict-minimal", r.run.strict_minimal, "Also remove what only degrades");
  run->add_option("command", r.run.command, "After --: the command and its arguments")->required();
  KeepBracketsInAll(run);
}

void AddSink(CLI::App& app, Request& r) {
  CLI::App* const sink = app.add_subcommand("sink", "List, test or flush the receivers of alerts");
  sink->callback(
      [&r] { r.action = [&r] { return SinkCommand(r.settings, r.words, r.patience); }; });
  sink->add_option("action", r.words, "list, test NAME or flush NAME")
      ->type_name("{list,test,flush}")
      ->expected(0, 2);
  sink->add_option("--patience", r.patience, "Seconds to wait in flush")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
}

void AddVersion(CLI::App& app, Request& r) {
  AddCommand(app, r, "context", "List the named addresses of capmond, or choose one",
             [&r] { return ContextCommand(r.settings, r.words); })
      ->add_option("action", r.words, "list, or use NAME")
      ->type_name("CONTEXT:{list,use}")
      ->expected(0, 2);
  AddCommand(app, r, "version", "Print the version of this program, and capmond's if it answers",
             [&r] { return ShowVersion(r.settings); });
}

// `capmon help profile` prints what `capmon profile --help` does.
void AddHelp(CLI::App& app, Request& r) {
  CLI::App* const help =
      AddCommand(app, r, "help", "Print help about capmon, or about one command", [&]() {
        // Not app.help(): that is of the command that was given, which is this one.
        if (r.words.empty())
          return Print(app.get_formatter()->make_help(&app, "capmon", CLI::AppFormatMode::Normal));
        const auto found = app.get_subcommands(
            [&](const CLI::App* command) { return command->check_name(r.words[0]); });
        return found.empty() ? absl::InvalidArgumentError(NoSuchCommand(app, r.words[0]) +
                                                          "; see capmon --help")
                             : Print(found[0]->help("capmon"));
      });
  help->add_option("about", r.words, "The command")->expected(0, 1);
}

int UsageError(const CLI::App& app, const CLI::ParseError& error) {
  std::string command = "capmon ";
  for (const CLI::App* chosen : app.get_subcommands()) command += chosen->get_name() + " ";
  return ReportError(
      absl::InvalidArgumentError(UsageSentence(app, error) + "; see " + command + "--help"));
}

// A file of addresses with an error fails the commands that need capmond, and no other.
void UseEndpoint(Request& request) {
  const auto endpoint = FindEndpoint(request.global.endpoint, EnvironmentVariable);
  if (!endpoint.ok()) return UseClientTls(endpoint.status());
  request.settings.address = endpoint->address;
  UseClientTls(endpoint->tls);
}

}  // namespace

int RunCli(int argc, const char* const* argv) {
  Request request;
  CLI::App app("Which Linux capabilities does this container really need?", "capmon");
  app.set_version_flag("--version", "capmon " CAPMON_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  AddGlobalOptions(app, request.global);
  AddListCommand(app, request.settings, request.style, request.action);
  AddQueries(app, request);
  AddScreens(app, request);
  AddStreams(app, request);
  AddActions(app, request);
  AddSink(app, request);
  AddRunsUnderSets(app, request.settings, request.action);
  AddFileCommands(app, request.settings, request.action);
  AddLocalCommands(app, request.settings, request.action);
  AddVersion(app, request);
  AddHelp(app, request);
  if (argc > 1 && std::string(argv[1]) == kCompleteCommand)
    return CompleteCommandLine(app, {argv + 2, argv + argc});

  try {  // CLI11 reports errors only by exceptions
    app.parse(ProtectBrackets(argc, argv));
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : UsageError(app, error);
  }
  request.format_given = app.count("--output-format") > 0;
  request.settings.headers = !request.global.no_headers;
  request.settings.width = TerminalStyleOf({}).width;
  auto format = FormatOf(app, request.global);
  if (!format.ok()) return ReportError(format.status());
  request.settings.format = *std::move(format);
  UseEndpoint(request);
  const absl::StatusOr<int> result = request.action();
  return result.ok() ? *result : ReportError(result.status());
}

}  // namespace capmon

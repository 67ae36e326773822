// SPDX-License-Identifier: Apache-2.0
#include "client/cli/cli_list.h"

#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/done.h"
#include "client/commands/list_command.h"
#include "common/utf8.h"

namespace capmon {
namespace {

const std::map<std::string, Colour> kColours = {
    {"auto", Colour::kAuto}, {"always", Colour::kAlways}, {"never", Colour::kNever}};

void AddSelection(CLI::App* list, ListSelection& selection) {
  list->add_option("-n,--namespace", selection.name_space, "Only of this Kubernetes namespace")
      ->check(FaultOfFilter);
  list->add_option("-l,--selector", selection.labels,
                   "Only with these labels, as for kubectl: KEY=VALUE,KEY!=VALUE,KEY in (A,B),!KEY")
      ->check(FaultOfFilter)
      ->allow_extra_args(false);
  list->add_option("--filter", selection.filters,
                   "Only where KEY=PATTERN: " + absl::StrJoin(FilterKeys(), ", "))
      ->check(FaultOfFilter)
      ->allow_extra_args(false);
  list->add_option("--sort", selection.sort, "Largest number first, or by name")
      ->check(CLI::IsMember(SortKeys()))
      ->type_name("KEY");
}

}  // namespace

void AddListCommand(CLI::App& app, Settings& settings, TerminalStyleOptions& style,
                    Action& action) {
  CLI::App* const list = app.add_subcommand("list", "List workloads and what they need");
  list->alias("ls")->alias("ps");
  const auto options = std::make_shared<ListOptions>();
  list->add_flag("-a,--all", options->all, "Include what has ended, and sandboxes of pods");
  list->add_flag("-A,--all-namespaces", options->all_namespaces,
                 "Of all namespaces, which is the default; with a column for them");
  list->add_flag("-w,--watch", options->watch, "Then print rows again when they change");
  list->add_option("--since", options->since,
                   "Only what began or ended since: 10m, 2h, 1d, or RFC 3339")
      ->check(FaultOfFilter)
      ->type_name("TIME");
  list->add_flag("--instances", options->instances, "List containers, each by itself");
  AddSelection(list, options->selection);
  const auto quiet = std::make_shared<bool>(false);
  list->add_flag("-q,--quiet", *quiet, "Print only names, as other commands take them");
  AddLook(list, style);
  list->callback([&app, &settings, &style, &action, options, quiet] {
    action = [&app, &settings, &style, options, quiet]() -> absl::StatusOr<int> {
      if (*quiet && app.count("--output-format") > 0)
        return absl::InvalidArgumentError("-q cannot be combined with -o");
      if (*quiet) settings.format = Format::kName;
      return Done(List(settings, *options, style));
    };
  });
}

void AddLook(CLI::App* command, TerminalStyleOptions& style) {
  command
      ->add_option_function<std::string>(
          "--color", [&style](const std::string& value) { style.colour = kColours.at(value); },
          "auto, always or never")
      ->check([](const std::string& value) -> std::string {
        return kColours.contains(value) ? "" : "takes auto, always or never";
      });
  command->add_flag("--ascii", style.ascii, "Draw with ASCII characters only");
}

std::string FaultOfFilter(const std::string& text) {
  constexpr size_t kLongest = 1024;
  if (text.empty()) return "must not be empty";
  if (text.size() > kLongest)
    return absl::StrCat("has ", text.size(), " bytes; write at most ", kLongest);
  return IsUtf8(text) ? "" : "is not UTF-8";
}

}  // namespace capmon

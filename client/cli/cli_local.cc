// SPDX-License-Identifier: Apache-2.0
#include "client/cli/cli_local.h"

#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_join.h"
#include "client/base/input.h"
#include "client/base/output.h"
#include "client/cli/bracketed.h"
#include "client/cli/done.h"
#include "client/commands/decode.h"
#include "client/commands/encode.h"
#include "client/commands/files_command.h"
#include "client/commands/inspect.h"
#include "client/completion/complete_command.h"

namespace capmon {
namespace {

constexpr size_t kMaxInput = 1 << 20;

absl::Status PrintText(const absl::StatusOr<std::string>& text) {
  return text.ok() ? Print(*text) : text.status();
}

absl::Status Decode(const std::vector<std::string>& words, OutputFormat format) {
  const bool input = words == std::vector<std::string>{"-"};
  const auto text = input ? ReadInput(kStandardInput, kMaxInput) : absl::StrJoin(words, " ");
  if (!text.ok()) return text.status();
  const auto masks = ParseMasks(*text);
  return masks.ok() ? PrintText(Decoded(*masks, format)) : masks.status();
}

absl::Status Encode(const std::vector<std::string>& words, OutputFormat format) {
  const auto masks = ParseNames(absl::StrJoin(words, " "));
  return masks.ok() ? PrintText(Encoded(*masks, format)) : masks.status();
}

// Makes a value that lives as long as the callbacks that use it.
template <typename Value>
std::shared_ptr<Value> Shared() {
  return std::make_shared<Value>();
}

void AddMasks(CLI::App& app, const Settings& settings, Action& action) {
  using Words = std::vector<std::string>;
  CLI::App* const decode = app.add_subcommand("decode", "Name the capabilities in a mask");
  const auto masks = Shared<Words>();
  KeepBrackets(
      decode->add_option("mask", *masks,
                         "Hexadecimal, or lines of /proc/PID/status; - reads standard input"))
      ->required();
  decode->callback([=, &settings, &action] {
    action = [=, &settings] { return Done(Decode(*masks, settings.format)); };
  });

  CLI::App* const encode = app.add_subcommand("encode", "Print the mask of named capabilities");
  const auto names = Shared<Words>();
  KeepBrackets(encode->add_option("name", *names, "Like CHOWN,NET_RAW or docker,-NET_RAW or all"))
      ->required()
      ->type_name("CAPABILITIES");
  encode->callback([=, &settings, &action] {
    action = [=, &settings] { return Done(Encode(*names, settings.format)); };
  });
}

void AddInspect(CLI::App& app, const Settings& settings, Action& action) {
  CLI::App* const inspect = app.add_subcommand(
      "inspect", "Show what a process, or each process of a container, holds now");
  const auto reference = Shared<std::string>();
  inspect
      ->add_option("process", *reference, "A process number, self, or a container as for profile")
      ->required()
      ->type_name("PID|CONTAINER");
  inspect->callback([=, &settings, &action] {
    action = [=, &settings] { return Done(Inspect(settings, *reference)); };
  });
}

void AddFiles(CLI::App& app, const Settings& settings, Action& action) {
  CLI::App* const files = app.add_subcommand(
      "files", "List programs that give privileges, in a container or directory");
  const auto options = Shared<FilesOptions>();
  files
      ->add_option("where", options->where,
                   "A process or container, or a directory that begins with / or .")
      ->required()
      ->type_name("CONTAINER|PATH");
  files->add_option("--max-files", options->max_files, "Stop after this many files and directories")
      ->check(CLI::Range(uint64_t{1}, uint64_t{100'000'000}))
      ->capture_default_str();
  files->add_option("--max-time", options->max_time, "Stop after this many seconds")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  files->callback([=, &settings, &action] {
    action = [=, &settings] { return ShowFiles(settings, *options); };
  });
}

void AddCompletion(CLI::App& app, Action& action) {
  CLI::App* const completion =
      app.add_subcommand("completion", "Print a completion script for a shell");
  const auto shell = Shared<std::string>();
  completion->add_option("shell", *shell, "The shell")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>(std::begin(kShells), std::end(kShells))));
  completion->callback(
      [=, &action] { action = [=] { return Done(PrintCompletionScript(*shell)); }; });
}

}  // namespace

void AddLocalCommands(CLI::App& app, const Settings& settings, Action& action) {
  AddInspect(app, settings, action);
  AddFiles(app, settings, action);
  AddMasks(app, settings, action);
  AddCompletion(app, action);
}

}  // namespace capmon

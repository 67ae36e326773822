// SPDX-License-Identifier: Apache-2.0
#include "daemon/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <map>
#include <set>
#include <string>

#include "common/tcp_address.h"
#include "daemon/settings/options.h"
#include "daemon/settings/read_settings.h"
#include "generated/version.h"

namespace capmon {
namespace {

constexpr int kUsage = 2;
constexpr char kNone[] = "none";

// The command line as it was given.
struct CommandLine {
  Config config;
  std::string file;
  bool check = false;
  std::map<const Option*, const CLI::Option*> options;
};

// A relative path would depend on capmond's working directory.
std::string AbsoluteOrNone(const std::string& path) {
  return path == kNone || path.starts_with('/') ? "" : path + " is neither absolute nor \"none\"";
}

std::string TcpAddressProblem(const std::string& address) {
  const auto parsed = ParseTcpAddress(address);
  return parsed.ok() ? "" : std::string(parsed.status().message());
}

const CLI::Option* AddOption(CLI::App& app, const Option& option, Config& config) {
  if (const auto* const flag = std::get_if<bool Config::*>(&option.member))
    return app.add_flag(option.flag, config.**flag, option.help);
  CLI::Option* const added = std::visit(
      [&](auto member) { return app.add_option(option.flag, config.*member, option.help); },
      option.member);
  if (!AsYaml(option, Config()).empty()) added->capture_default_str();
  switch (option.form) {
    case Option::Form::kPathOrNone: added->check(&AbsoluteOrNone); break;
    case Option::Form::kDirectory: added->check(CLI::ExistingDirectory); break;
    case Option::Form::kWord:
      added->check(
          CLI::IsMember(std::vector<std::string>(option.words.begin(), option.words.end())));
      break;
    case Option::Form::kNumber:
    case Option::Form::kSeconds: added->check(CLI::Range(option.least, option.most)); break;
    case Option::Form::kPathsOrNone:
      added->take_all()->allow_extra_args(false)->check(&AbsoluteOrNone);
      break;
    case Option::Form::kNames: added->take_all()->allow_extra_args(false)->delimiter(','); break;
    case Option::Form::kTcpAddress: added->check(&TcpAddressProblem); break;
    default: break;
  }
  return added;
}

void AddOptions(CLI::App& app, CommandLine& line) {
  app.add_option("--config", line.file,
                 fmt::format("Read settings from this file; none: from no file; by default {}, if "
                             "it exists",
                             kDefaultConfigFile));
  app.add_flag("--check-config", line.check, "Print what is wrong in that file, then exit");
  for (const Option& option : Options())
    line.options[&option] = AddOption(app, option, line.config);
  app.get_option("--replay")->excludes("--record");
  app.add_flag("--uninstall", line.config.uninstall,
               "Remove the pins, the stored evidence and the socket, then exit");
}

int Complain(const std::string& sentence) {
  fmt::print(stderr, "capmond: {}\n", sentence);
  return kUsage;
}

// The file to read; "" for none.
std::string ChosenFile(const CommandLine& line) {
  if (line.file == kNone) return "";
  if (!line.file.empty()) return line.file;
  return ::access(kDefaultConfigFile, F_OK) == 0 ? kDefaultConfigFile : "";
}

// Prints every fault, for --check-config.
int PrintFaults(const std::string& path, const SettingsFile& file, const absl::Status& combined) {
  for (const SettingsFault& warning : file.warnings)
    fmt::print(stderr, "{}:{}:{}: warning: {}\n", path, warning.place.line, warning.place.column,
               warning.what);
  for (const SettingsFault& fault : file.faults) fmt::print(stderr, "{}\n", Print(path, fault));
  if (!file.faults.empty()) return kUsage;
  if (!combined.ok()) return Complain(std::string(combined.message()));
  fmt::print("{} is valid\n", path);
  return 0;
}

std::variant<Settings, int> WithFile(const CommandLine& line) {
  std::set<std::string> given;
  for (const auto& [option, parsed] : line.options)
    if (parsed->count() > 0) given.insert(option->key);
  const std::string path = ChosenFile(line);
  if (line.check && path.empty())
    return Complain(fmt::format("check the settings: there is no {}; name a file with --config",
                                kDefaultConfigFile));
  SettingsFile file;
  if (!path.empty()) {
    auto read = ReadSettingsFile(path, ThisHost());
    if (!read.ok()) return Complain(std::string(read.status().message()));
    file = *std::move(read);
  }
  auto settings = Combine(line.config, given, path, file);
  if (line.check) return PrintFaults(path, file, settings.status());
  if (absl::Status faults = FaultStatus(path, file.faults); !faults.ok())
    return Complain(std::string(faults.message()));
  if (!settings.ok()) return Complain(std::string(settings.status().message()));
  return *std::move(settings);
}

}  // namespace

std::variant<Settings, int> ParseCommandLine(int argc, const char* const* argv) {
  CommandLine line;
  CLI::App app(
      "capmond counts which Linux capabilities containers use, and serves profiles to capmon.",
      "capmond");
  app.set_version_flag("--version", "capmond " CAPMON_VERSION);
  AddOptions(app, line);
  try {  // CLI11 reports errors only by exceptions
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return Complain(fmt::format("{} (see capmond --help)", error.what()));
  }
  return WithFile(line);
}

}  // namespace capmon

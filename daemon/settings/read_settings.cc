// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings/read_settings.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/regular_file.h"
#include "daemon/model/workload.h"
#include "daemon/settings/exception_reader.h"
#include "daemon/settings/option_reader.h"
#include "daemon/settings/options.h"
#include "daemon/settings/section_reader.h"
#include "daemon/settings/sink_reader.h"
#include "daemon/settings/value_forms.h"

namespace capmon {
namespace {

constexpr YamlLimits kLimits{.bytes = 1 << 20, .nodes = 20'000, .documents = 1, .depth = 20};

void ReadRate(SectionReader& limits, const char* key, AlertRate& into) {
  const YamlMember* const member = limits.Take(key);
  if (member == nullptr) return;
  constexpr int64_t kHighestRate = 1'000'000;
  SectionReader reader(member->value, key, limits.context());
  int64_t burst = into.burst, per_minute = into.per_minute;
  reader.Number("burst", 1, kHighestRate, burst, absl::StrCat(into.burst));
  reader.Number("per_minute", 1, kHighestRate, per_minute, absl::StrCat(into.per_minute));
  reader.Finish();
  into = {static_cast<uint32_t>(burst), static_cast<uint32_t>(per_minute)};
}

void ReadLimits(const YamlValue& value, ReadContext context, VolumeLimits& limits) {
  SectionReader reader(value, "limits", context);
  ReadRate(reader, "finding", limits.finding);
  ReadRate(reader, "container", limits.container);
  ReadRate(reader, "rule", limits.rule);
  ReadRate(reader, "total", limits.total);
  ReadRate(reader, "reserve", limits.reserve);
  reader.Finish();
}

// `alerts:`, the section; --alerts is alert_file.
void ReadAlerts(SectionReader& top, FeedSettings& feed) {
  const YamlMember* const member = top.Take("alerts");
  if (member == nullptr) return;
  if (member->value.is_text())
    return top.Fail(member->value.place,
                    "alerts takes a map of limits; for a file of alerts write \"alert_file: "
                    "/var/log/capmon/alerts.jsonl\"");
  SectionReader reader(member->value, "alerts", top.context());
  reader.Texts("labels", feed.labels, "[app, team]");
  if (const YamlMember* const limits = reader.Take("limits"))
    ReadLimits(limits->value, top.context(), feed.limits);
  reader.Finish();
}

// Files of sinks, and what else capmond writes.
void CheckFilesOfSinks(SectionReader& top, const SettingsFile& file) {
  const HostFacts& host = top.context().host;
  const std::string state = host.real_path(file.config.state_dir) + "/";
  for (size_t i = 0; i < file.feed.sinks.size(); ++i) {
    const SinkSettings& sink = file.feed.sinks[i];
    const auto* const target = std::get_if<FileTarget>(&sink.target);
    if (target == nullptr || !target->path.starts_with('/')) continue;
    const std::string real = host.real_path(target->path);
    for (const auto& [key, path] :
         {std::pair("alert_file", file.config.alerts), std::pair("record", file.config.record)})
      if (path.starts_with('/') && host.real_path(path) == real)
        top.Fail(key, absl::StrCat(key, " is the file of the sink ", sink.name,
                                   " as well; remove one of them"));
    if (file.config.state_dir != "none" && real.starts_with(state))
      top.Fail("sinks", absl::StrCat("the file of the sink ", sink.name,
                                     " is in state_dir, which is capmond's own; write \"path: "
                                     "/var/log/capmon/",
                                     sink.name, ".jsonl\""));
  }
}

void ReadTop(const YamlValue& document, ReadContext context, SettingsFile& file) {
  SectionReader top(document, "the file", context);
  for (const Option& option : Options())
    if (ReadOption(option, top, file.config)) file.keys.insert(option.key);
  for (const char* const flag : {"uninstall", "check_config", "config"})
    top.Reject(flag, absl::StrCat(flag, " is only a flag, no setting; remove the line"));
  if (const YamlMember* const sinks = top.Take("sinks"))
    file.feed.sinks = ReadSinks(sinks->value, context);
  if (const YamlMember* const exceptions = top.Take("exceptions"))
    file.feed.exceptions = ReadExceptions(exceptions->value, context);
  ReadAlerts(top, file.feed);
  if (top.Has("record") && top.Has("replay"))
    top.Fail("replay",
             "replay cannot be combined with record: a recording is not recorded again; "
             "remove one of the two lines");
  CheckFilesOfSinks(top, file);
  top.Finish();
}

// There is no access by TCP without a certificate.
absl::Status CheckTcp(const Config& config) {
  if (config.listen.empty()) return absl::OkStatus();
  for (const auto& [option, file] :
       {std::pair("--tls-cert", &config.tls_cert), std::pair("--tls-key", &config.tls_key),
        std::pair("--tls-client-ca", &config.tls_client_ca)})
    if (file->empty())
      return absl::InvalidArgumentError(absl::StrCat(
          "cannot listen on ", config.listen, " without TLS and client certificates: ", option,
          " is missing; give --tls-cert, --tls-key and --tls-client-ca"));
  return absl::OkStatus();
}

// One engine under two names would have each of its containers twice, and two engines of one name
// would have theirs mixed up.
absl::Status CheckDockerSockets(const Config& config) {
  constexpr size_t kMost = 8;
  const std::vector<std::string>& sockets = config.docker_sockets;
  if (sockets.size() > 1 && std::ranges::find(sockets, "none") != sockets.end())
    return absl::InvalidArgumentError(
        "--docker-socket none switches Docker off: remove it, or the other sockets");
  if (sockets.size() > kMost)
    return absl::InvalidArgumentError(absl::StrCat("--docker-socket is given ", sockets.size(),
                                                   " times; capmond queries at most ", kMost,
                                                   " sockets"));
  std::map<std::string, std::string> by_file, by_name;
  for (const std::string& socket : sockets) {
    std::error_code unresolved;
    auto file = std::filesystem::weakly_canonical(socket, unresolved).string();
    const auto [same, is_new] = by_file.try_emplace(unresolved ? socket : file, socket);
    if (!is_new)
      return absl::InvalidArgumentError(
          socket == same->second
              ? absl::StrCat("--docker-socket ", socket, " is given twice; remove one")
              : absl::StrCat("--docker-socket ", socket, " is the same socket as ", same->second,
                             "; remove one"));
    const auto [like, is_distinct] = by_name.try_emplace(OwnerOfEngine(socket), socket);
    if (!is_distinct)
      return absl::InvalidArgumentError(
          absl::StrCat("--docker-socket ", socket, " and ", like->second,
                       " would have the same name in workloads; give one of them another path"));
  }
  return absl::OkStatus();
}

}  // namespace

SettingsFile ReadSettings(const std::string& text, const HostFacts& host) {
  SettingsFile file;
  Faults faults;
  YamlStream stream = ReadYaml(text, kLimits);
  if (stream.fault)
    faults.Add(stream.fault->place, absl::StrCat(stream.fault->what,
                                                 "; correct the YAML there: two blanks for each "
                                                 "level, \"key: value\", no tabs"));
  else if (!stream.documents.empty() && !stream.documents.front().is_null())
    ReadTop(stream.documents.front(), {faults, host}, file);
  file.config.state_dir_given = file.keys.contains("state_dir");
  file.config.pin_dir_given = file.keys.contains("pin_dir");
  faults.Sort();
  file.faults = faults.faults();
  file.warnings = faults.warnings();
  return file;
}

absl::StatusOr<SettingsFile> ReadSettingsFile(const std::string& path, const HostFacts& host) {
  const auto text = ReadRegularFile(path, kLimits.bytes);
  if (!text.ok()) return text.status();
  SettingsFile file = ReadSettings(*text, host);
  if (host.writable_by_others(path))
    file.warnings.insert(file.warnings.begin(),
                         {{1, 1},
                          "other users can write this file, and so decide where alerts go; "
                          "run chmod go-w on it"});
  return file;
}

absl::Status FaultStatus(const std::string& path, const std::vector<SettingsFault>& faults) {
  if (faults.empty()) return absl::OkStatus();
  std::string sentence = Print(path, faults.front());
  if (faults.size() > 1)
    absl::StrAppend(&sentence, " (", faults.size() - 1,
                    " more: see capmond --check-config --config ", path, ")");
  return absl::InvalidArgumentError(sentence);
}

absl::StatusOr<Settings> Combine(const Config& flags, const std::set<std::string>& given,
                                 const std::string& path, const SettingsFile& file) {
  Settings settings;
  settings.config = file.config;
  settings.feed = file.feed;
  settings.file = path;
  settings.flags = given;
  for (const SettingsFault& warning : file.warnings)
    settings.warnings.push_back(Print(path, warning));
  for (const Option& option : Options())
    if (given.contains(option.key)) Copy(option, flags, settings.config);
  Config& config = settings.config;
  config.uninstall = flags.uninstall;
  config.state_dir_given |= given.contains("state_dir");
  config.pin_dir_given |= given.contains("pin_dir");
  if (!config.replay.empty() && !config.record.empty())
    return absl::InvalidArgumentError(absl::StrCat(
        "--replay excludes --record; one of them is a key in ", path, ", remove it there"));
  if (absl::Status status = CheckTcp(config); !status.ok()) return status;
  if (absl::Status status = CheckDockerSockets(config); !status.ok()) return status;
  return settings;
}

std::vector<std::string> ChangedOptions(const Config& one, const Config& other) {
  std::vector<std::string> changed;
  for (const Option& option : Options())
    if (!Equal(option, one, other)) changed.push_back(option.key);
  return changed;
}

}  // namespace capmon

// SPDX-License-Identifier: Apache-2.0
#include "client/commands/context_command.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "client/base/environment.h"
#include "client/base/output.h"
#include "client/base/table.h"
#include "client/base/text.h"
#include "client/commands/document.h"
#include "client/rpc/endpoint.h"

namespace capmon {
namespace {

absl::Status ListContexts(const Settings& settings, const ClientConfig& config) {
  auto list = nlohmann::ordered_json::array();
  Table table({{"CURRENT"}, {"NAME"}, {"ADDRESS"}});
  for (const auto& [name, endpoint] : config.contexts) {
    const bool current = name == config.current;
    table.Add({current ? "*" : "", name, endpoint.address});
    list.push_back({{"name", name}, {"address", endpoint.address}, {"current", current}});
  }
  if (settings.document()) return PrintDocument({{"contexts", std::move(list)}}, settings.format);
  std::ostringstream out;
  table.Print(out, settings.headers);
  return Print(out.str());
}

absl::Status UseContext(const ClientConfig& config, const std::string& name) {
  const auto text = WithCurrent(config, name, EnvironmentVariable("HOME"));
  if (!text.ok()) return text.status();
  if (absl::Status written = WriteFile(config.path, *text); !written.ok()) return written;
  for (const char* variable : {"CAPMON_ADDRESS", "CAPMON_CONTEXT"})
    if (!EnvironmentVariable(variable).empty())
      PrintNotes({absl::StrCat("$", variable, " is set and comes before the current context")});
  return Print(absl::StrCat("The current context is ", Printable(name), ".\n"));
}

}  // namespace

absl::Status ContextCommand(const Settings& settings, const std::vector<std::string>& words) {
  const bool use = !words.empty() && words[0] == "use";
  const bool list = words.empty() || words == std::vector<std::string>{"list"};
  if (!list && (!use || words.size() != 2))
    return absl::InvalidArgumentError("capmon context takes list, or use and a name");
  const auto config = ReadClientConfig(EnvironmentVariable);
  if (!config.ok()) return config.status();
  return use ? UseContext(*config, words[1]) : ListContexts(settings, *config);
}

}  // namespace capmon

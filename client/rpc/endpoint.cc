// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/endpoint.h"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/input.h"
#include "client/base/nearest.h"
#include "client/base/quoted.h"

namespace capmon {
namespace {

constexpr size_t kMostBytes = 1 << 20;

std::vector<std::string> NamesOf(const ClientConfig& config) {
  std::vector<std::string> names;
  for (const auto& [name, endpoint] : config.contexts) names.push_back(name);
  return names;
}

absl::Status NoSuchContext(const ClientConfig& config, const std::string& name) {
  if (config.path.empty())
    return absl::InvalidArgumentError(
        absl::StrCat("there is no context ", Quoted(name),
                     ": ~/.config/capmon/config.yaml, which would name it, does not exist"));
  const std::vector<std::string> names = NamesOf(config);
  const std::string all = names.empty() ? "none" : absl::StrJoin(names.begin(), names.end(), ", ");
  return absl::InvalidArgumentError(absl::StrCat(config.path, ": there is no context ",
                                                 Quoted(name), NearestHint(name, names),
                                                 "; there are: ", all));
}

std::string DefaultPath(const Variables& variable) {
  std::string directory = variable("XDG_CONFIG_HOME");
  if (!directory.starts_with('/')) {
    if (variable("HOME").empty()) return "";
    directory = absl::StrCat(variable("HOME"), "/.config");
  }
  return absl::StrCat(directory, "/capmon/config.yaml");
}

std::string FirstOf(const std::string& a, const std::string& b, const std::string& c) {
  return !a.empty() ? a : !b.empty() ? b : c;
}

// Each file by itself: from the command line, from the context, from a variable.
ClientTls Combined(const ClientTls& given, const ClientTls& named, const Variables& variable) {
  return {FirstOf(given.ca, named.ca, variable("CAPMON_TLS_CA")),
          FirstOf(given.certificate, named.certificate, variable("CAPMON_TLS_CERT")),
          FirstOf(given.key, named.key, variable("CAPMON_TLS_KEY"))};
}

}  // namespace

absl::StatusOr<ClientConfig> ReadClientConfig(const Variables& variable) {
  const std::string named = variable("CAPMON_CONFIG");
  const std::string path = named.empty() ? DefaultPath(variable) : named;
  // A home directory that this user may not enter has no file for this user.
  if (named.empty() && (path.empty() || ::access(path.c_str(), F_OK) != 0)) return ClientConfig();
  const auto text = ReadInput(path, kMostBytes);
  if (!text.ok())
    return absl::InvalidArgumentError(absl::StrCat(
        std::string(text.status().message()), named.empty() ? "" : "; $CAPMON_CONFIG names it"));
  return ParseClientConfig(path, *text, variable("HOME"));
}

absl::StatusOr<Endpoint> FindEndpoint(const EndpointOptions& given, const Variables& variable) {
  if (given.address) return Endpoint{*given.address, Combined(given.tls, {}, variable)};
  const std::string address = variable("CAPMON_ADDRESS");
  if (!given.context && !address.empty())
    return Endpoint{address, Combined(given.tls, {}, variable)};
  const auto config = ReadClientConfig(variable);
  if (!config.ok()) return config.status();
  const std::string name =
      given.context ? *given.context : FirstOf(variable("CAPMON_CONTEXT"), config->current, "");
  if (name.empty() && !given.context)
    return Endpoint{kDefaultAddress, Combined(given.tls, {}, variable)};
  const auto found = config->contexts.find(name);
  if (found == config->contexts.end()) return NoSuchContext(*config, name);
  return Endpoint{found->second.address, Combined(given.tls, found->second.tls, variable)};
}

absl::StatusOr<std::string> WithCurrent(const ClientConfig& config, const std::string& name,
                                        const std::string& home) {
  if (!config.contexts.contains(name)) return NoSuchContext(config, name);
  const std::string line = absl::StrCat("current: ", Quoted(name));
  std::string text = config.text;
  const size_t begin = text.starts_with("current:") ? 0 : text.find("\ncurrent:");
  if (begin == text.npos) {
    absl::StrAppend(&text, text.ends_with('\n') ? "" : "\n", line, "\n");
  } else {
    const size_t from = begin == 0 ? 0 : begin + 1;
    text.replace(from, std::min(text.find('\n', from), text.size()) - from, line);
  }
  const auto changed = ParseClientConfig(config.path, text, home);
  if (!changed.ok() || changed->current != name ||
      changed->contexts.size() != config.contexts.size())
    return absl::InvalidArgumentError(absl::StrCat(
        config.path, ": cannot change the key current in a file of this form; edit it yourself"));
  return text;
}

}  // namespace capmon

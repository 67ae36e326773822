// SPDX-License-Identifier: Apache-2.0
#include "client/completion/complete_command.h"

#include <chrono>

#include "client/base/environment.h"
#include "client/base/exit_code.h"
#include "client/base/output.h"
#include "client/base/text.h"
#include "client/completion/completion.h"
#include "client/completion/scripts.h"
#include "client/rpc/client_tls.h"
#include "client/rpc/daemon.h"
#include "client/rpc/endpoint.h"

namespace capmon {
namespace {

constexpr std::chrono::milliseconds kPatience(700);
constexpr size_t kMostNames = 2000;

std::vector<Candidate> AskForNames(const EndpointOptions& given) {
  const auto endpoint = FindEndpoint(given, EnvironmentVariable);
  if (!endpoint.ok()) return {};
  UseClientTls(endpoint->tls);
  auto daemon = Daemon::Connect(endpoint->address);
  if (!daemon.ok()) return {};
  const auto response =
      daemon->Call(&Daemon::Stub::ListContainers, v1::ListContainersRequest(), kPatience);
  if (!response.ok()) return {};
  std::vector<Candidate> names;
  for (const v1::ContainerSummary& summary : response->containers()) {
    if (names.size() == kMostNames) break;
    const v1::Container& container = summary.container();
    const std::string about = container.image().empty() ? container.kind() : container.image();
    names.push_back({ShortReference(container), Printable(about)});
  }
  return names;
}

std::vector<Candidate> Contexts() {
  const auto config = ReadClientConfig(EnvironmentVariable);
  if (!config.ok()) return {};
  std::vector<Candidate> names;
  for (const auto& [name, endpoint] : config->contexts)
    names.push_back({name, Printable(endpoint.address)});
  return names;
}

}  // namespace

int CompleteCommandLine(const CLI::App& app, std::vector<std::string> words) {
  if (!words.empty() && words[0] == "--") words.erase(words.begin());
  const auto containers = [](const EndpointOptions& given) {
    std::vector<Candidate> candidates = AskForNames(given);
    candidates.push_back({"self", "the container of this shell"});
    return candidates;
  };
  return ExitCodeFor(Print(CompletionText(Complete(app, words, {containers, Contexts}))));
}

absl::Status PrintCompletionScript(const std::string& shell) {
  if (shell == "zsh") return Print(kZshCompletion);
  return Print(shell == "fish" ? kFishCompletion : kBashCompletion);
}

}  // namespace capmon

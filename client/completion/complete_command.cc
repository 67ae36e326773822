// SPDX-License-Identifier: Apache-2.0
#include "client/completion/complete_command.h"

#include <chrono>
#include <cstdlib>

#include "client/base/exit_code.h"
#include "client/base/output.h"
#include "client/base/text.h"
#include "client/completion/completion.h"
#include "client/completion/scripts.h"
#include "client/rpc/client_tls.h"
#include "client/rpc/daemon.h"

namespace capmon {
namespace {

constexpr std::chrono::milliseconds kPatience(700);
constexpr size_t kMostNames = 2000;

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<Candidate> AskForNames(const std::string& address) {
  UseClientTls(
      {Variable("CAPMON_TLS_CA"), Variable("CAPMON_TLS_CERT"), Variable("CAPMON_TLS_KEY")});
  auto daemon = Daemon::Connect(address);
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

}  // namespace

int CompleteCommandLine(const CLI::App& app, std::vector<std::string> words,
                        const std::string& address) {
  if (!words.empty() && words[0] == "--") words.erase(words.begin());
  const char* const environment = std::getenv("CAPMON_ADDRESS");
  const auto names = [&](const std::string& given) {
    std::vector<Candidate> candidates = AskForNames(!given.empty()           ? given
                                                    : environment != nullptr ? environment
                                                                             : address);
    candidates.push_back({"self", "the container of this shell"});
    return candidates;
  };
  return ExitCodeFor(Print(CompletionText(Complete(app, words, names))));
}

absl::Status PrintCompletionScript(const std::string& shell) {
  if (shell == "zsh") return Print(kZshCompletion);
  return Print(shell == "fish" ? kFishCompletion : kBashCompletion);
}

}  // namespace capmon

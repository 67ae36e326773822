// SPDX-License-Identifier: Apache-2.0
#include "tests/support/capmon_daemon.h"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "generated/build_paths.h"
#include "tests/support/eventually.h"

namespace capmon {

std::string CapmondBinary() { return CAPMON_BINARY_DIR "/bin/capmond"; }
std::string CapmonBinary() { return CAPMON_BINARY_DIR "/bin/capmon"; }

absl::StatusOr<CapmonDaemon> CapmonDaemon::Start(const std::string& directory,
                                                 const std::vector<std::string>& flags,
                                                 const ProcessOptions& options) {
  const std::string address = "unix://" + directory + "/capmon.sock";
  std::vector<std::string> arguments = {CapmondBinary(), "--address", address, "--log-level",
                                        "warn"};
  const auto unless_given = [&](const char* option, const char* value) {
    if (std::find(flags.begin(), flags.end(), option) == flags.end())
      arguments.insert(arguments.end(), {option, value});
  };
  for (const char* const option : {"--config", "--state-dir", "--pin-dir"})
    unless_given(option, "none");
  // A suite starts more containers in some minutes than its machine would in hours.
  unless_given("--watch-budget", "3600");
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  if (const char* backend = std::getenv("CAPMON_TEST_BACKEND"))
    arguments.insert(arguments.end(), {"--backend", backend});
  auto process = ChildProcess::Start(arguments, options);
  if (!process.ok()) return process.status();
  ProcessOptions asking;
  asking.user = options.user;
  CapmonDaemon daemon(address, *std::move(process), asking);
  const bool answers = Eventually(
      [&] { return !daemon.process_.Running() || daemon.Capmon({"status"}).exit_code == 0; });
  if (answers && daemon.process_.Running()) return daemon;
  return absl::UnavailableError("start capmond: " + daemon.process_.err());
}

absl::StatusOr<int> CapmonDaemon::Stop() {
  process_.Signal(SIGTERM);
  return process_.Wait();
}

std::vector<std::string> CapmonDaemon::CommandLine(
    const std::vector<std::string>& arguments) const {
  std::vector<std::string> line = {CapmonBinary(), "--address", address_};
  line.insert(line.end(), arguments.begin(), arguments.end());
  return line;
}

Outcome CapmonDaemon::Capmon(const std::vector<std::string>& arguments) const {
  return RunProgram(CommandLine(arguments), options_);
}

nlohmann::json CapmonDaemon::Json(std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"-o", "json"});
  const Outcome outcome = Capmon(arguments);
  if (outcome.exit_code != 0) return nullptr;
  auto parsed = nlohmann::json::parse(outcome.out, nullptr, /*allow_exceptions=*/false);
  return parsed.is_discarded() ? nlohmann::json() : parsed;
}

}  // namespace capmon

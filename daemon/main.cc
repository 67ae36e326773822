// SPDX-License-Identifier: Apache-2.0
// The process: reads settings, runs the daemon, returns the exit code.
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "daemon/base/memory.h"
#include "daemon/config.h"
#include "daemon/daemon.h"
#include "daemon/uninstall.h"

namespace capmon {
namespace {

absl::Status RemoveEverything(const Config& config) {
  const auto removed = Uninstall(config);
  if (!removed.ok()) return removed.status();
  for (const std::string& path : *removed) fmt::print("removed {}\n", path);
  if (removed->empty()) fmt::print("there was nothing to remove\n");
  return absl::OkStatus();
}

absl::Status Serve(const Settings& settings) {
  const auto daemon = Daemon::Create(settings);
  return daemon.ok() ? (*daemon)->Run() : daemon.status();
}

int ExitCode(const absl::Status& status) {
  if (status.ok()) return 0;
  if (absl::IsInvalidArgument(status) || absl::IsNotFound(status)) return 2;
  if (absl::IsPermissionDenied(status)) return 6;
  return 1;
}

}  // namespace
}  // namespace capmon

int main(int argc, char** argv) {
  capmon::ShareHeap();
  capmon::WatchNoLocks();
  const auto parsed = capmon::ParseCommandLine(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& config = std::get<capmon::Settings>(parsed).config;
  auto logger = spdlog::stderr_logger_mt("capmond");
  logger->set_level(spdlog::level::from_str(config.log_level));
  spdlog::set_default_logger(logger);
  for (const std::string& warning : std::get<capmon::Settings>(parsed).warnings)
    spdlog::warn("{}", warning);

  const absl::Status status = config.uninstall ? capmon::RemoveEverything(config)
                                               : capmon::Serve(std::get<capmon::Settings>(parsed));
  if (!status.ok()) fmt::print(stderr, "capmond: {}\n", std::string(status.message()));
  return capmon::ExitCode(status);
}

// SPDX-License-Identifier: Apache-2.0
#include "daemon/uninstall.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "common/address.h"
#include "daemon/api/socket_claim.h"
#include "daemon/base/exists.h"
#include "daemon/collector/pinned_state.h"
#include "daemon/store/state_dir.h"

namespace capmon {
namespace {

// Removes the socket's directory if capmond created it and it is empty.
void RemoveRunDirectory(const std::string& socket, std::vector<std::string>& removed) {
  const std::string directory = std::filesystem::path(socket).parent_path().string();
  struct stat found {};
  if (::lstat(directory.c_str(), &found) == 0 && (found.st_mode & 07777) == kRunDirectoryMode &&
      ::rmdir(directory.c_str()) == 0)
    removed.push_back(directory);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> Uninstall(const Config& config) {
  const absl::StatusOr<std::string> socket = SocketPath(config.address);
  if (!socket.ok()) return socket.status();
  // Takes all claims first: nothing is removed while another capmond uses any of it.
  std::optional<SocketClaim> serving;
  std::optional<PinDirectory> pins;
  std::optional<StateDir> state;
  const bool served = Exists(*socket) || Exists(*socket + ".lock");
  if (served) {
    auto claimed = SocketClaim::Acquire(*socket, std::nullopt);
    if (!claimed.ok()) return claimed.status();
    serving.emplace(*std::move(claimed));
  }
  if (config.pin_dir != "none" && Exists(config.pin_dir)) {
    auto claimed = PinDirectory::Claim(config.pin_dir);
    if (!claimed.ok()) return claimed.status();
    pins.emplace(*std::move(claimed));
  }
  if (config.state_dir != "none" && Exists(config.state_dir)) {
    auto claimed = StateDir::Claim(config.state_dir, StateDir::Use::kRemove);
    if (!claimed.ok()) return claimed.status();
    state.emplace(*std::move(claimed));
  }

  std::vector<std::string> removed;
  if (pins) removed = pins->RemoveAll();
  if (state) {
    const auto files = state->Remove();
    if (!files.ok()) return files.status();
    removed.insert(removed.end(), files->begin(), files->end());
  }
  if (served) removed.push_back(*socket);
  serving.reset();
  RemoveRunDirectory(*socket, removed);
  return removed;
}

}  // namespace capmon

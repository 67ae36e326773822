// SPDX-License-Identifier: Apache-2.0
#include "tests/support/docker_daemon.h"

#include <signal.h>

#include <sstream>
#include <utility>

#include "tests/support/eventually.h"

namespace capmon {

absl::StatusOr<DockerDaemon> DockerDaemon::Start() {
  auto directory = std::make_unique<TempDir>();
  auto process = ChildProcess::Start(
      {"dockerd", "--data-root", *directory / "data", "--exec-root", *directory / "exec", "-H",
       "unix://" + *directory / "docker.sock", "-p", *directory / "docker.pid",
       "--storage-driver=vfs", "--iptables=false", "--ip6tables=false", "--bridge=none"});
  if (!process.ok()) return process.status();
  DockerDaemon daemon(std::move(directory), *std::move(process));
  const bool answers = Eventually(
      [&] { return !daemon.process_.Running() || daemon.Docker({"info"}).exit_code == 0; },
      std::chrono::seconds(60));
  if (answers && daemon.process_.Running()) return daemon;
  return absl::UnavailableError("start dockerd: " + daemon.process_.err());
}

DockerDaemon::~DockerDaemon() {
  if (directory_ == nullptr) return;
  std::istringstream ids(Docker({"ps", "-aq"}).out);
  for (std::string id; ids >> id;) Docker({"rm", "-f", id});
  process_.Signal(SIGTERM);
  if (!process_.Wait().ok()) process_.Signal(SIGKILL);
}

Outcome DockerDaemon::Docker(const std::vector<std::string>& arguments) const {
  std::vector<std::string> line = {"docker", "-H", "unix://" + socket()};
  line.insert(line.end(), arguments.begin(), arguments.end());
  return RunProgram(line);
}

absl::Status DockerDaemon::Import(const std::string& rootfs, const std::string& image) const {
  const std::string archive = *directory_ / "image.tar";
  const Outcome packed = RunProgram({"tar", "-C", rootfs, "-cf", archive, "."});
  if (packed.exit_code != 0) return absl::InternalError("pack " + rootfs + ": " + packed.err);
  const Outcome imported = Docker({"import", archive, image});
  if (imported.exit_code == 0) return absl::OkStatus();
  return absl::InternalError("import " + rootfs + " as " + image + ": " + imported.err);
}

}  // namespace capmon

// SPDX-License-Identifier: Apache-2.0
#include "tests/support/docker_daemon.h"

#include <signal.h>
#include <sys/stat.h>

#include <sstream>
#include <utility>

#include "daemon/model/capability.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

// Capabilities that root lacks here, for example in a container.
CapabilitySet NotOurs() {
  std::istringstream status(ReadFile("/proc/self/status"));
  for (std::string word; status >> word;) {
    uint64_t bounding = 0;
    if (word == "CapBnd:" && status >> std::hex >> bounding) {
      return AllCapabilities() - CapabilitySet(bounding);
    }
  }
  return {};
}

// runc fails with `--privileged` if a single capability is missing. This one leaves missing ones
// out.
bool WriteRuntime(const std::string& path) {
  std::string edits;
  for (Capability capability : NotOurs().members()) {
    const std::string name = "\"" + CapabilityName(capability) + "\"";
    edits += "s/" + name + ",//g;s/," + name + "//g;";
  }
  const std::string script =
      "#!/bin/sh\n"
      "for word; do\n"
      "  [ \"$before\" != --bundle ] || sed -i '" +
      edits +
      "' \"$word/config.json\"\n"
      "  before=$word\n"
      "done\n"
      "exec runc \"$@\"\n";
  return WriteFile(path, script) && chmod(path.c_str(), 0755) == 0;
}

}  // namespace

absl::StatusOr<DockerDaemon> DockerDaemon::Start() {
  auto directory = std::make_unique<TempDir>();
  const std::string runtime = *directory / "runtime";
  if (!WriteRuntime(runtime)) return absl::InternalError("write " + runtime);
  auto process = ChildProcess::Start(
      {"dockerd", "--data-root", *directory / "data", "--exec-root", *directory / "run/docker",
       "-H", "unix://" + *directory / "docker.sock", "-p", *directory / "docker.pid",
       "--storage-driver=vfs", "--iptables=false", "--ip6tables=false", "--bridge=none",
       "--add-runtime=all-there-is=" + runtime, "--default-runtime=all-there-is"});
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

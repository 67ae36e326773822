// SPDX-License-Identifier: Apache-2.0
#include "tests/support/docker_daemon.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
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

absl::StatusOr<DockerDaemon> DockerDaemon::Start(const DockerOptions& options) {
  DockerDaemon daemon(std::make_unique<TempDir>(), options);
  const std::string runtime = *daemon.directory_ / "runtime";
  if (!WriteRuntime(runtime)) return absl::InternalError("write " + runtime);
  if (mkdir(daemon.data_root().c_str(), 0700) != 0)
    return absl::ErrnoToStatus(errno, "make " + daemon.data_root());
  const std::string size = "size=" + options.size;
  if (!options.size.empty() &&
      mount("docker", daemon.data_root().c_str(), "tmpfs", 0, size.c_str()) != 0)
    return absl::ErrnoToStatus(errno, "mount " + daemon.data_root());
  if (absl::Status started = daemon.StartProcess(); !started.ok()) return started;
  return daemon;
}

absl::Status DockerDaemon::StartProcess() {
  std::vector<std::string> line = {"dockerd",
                                   "--data-root",
                                   data_root(),
                                   "--exec-root",
                                   run_dir() + "/docker",
                                   "-H",
                                   "unix://" + socket(),
                                   "-p",
                                   *directory_ / "docker.pid",
                                   "--storage-driver=vfs",
                                   "--iptables=false",
                                   "--ip6tables=false",
                                   "--bridge=none",
                                   "--add-runtime=all-there-is=" + *directory_ / "runtime",
                                   "--default-runtime=all-there-is"};
  line.insert(line.end(), options_.flags.begin(), options_.flags.end());
  auto process = ChildProcess::Start(line);
  if (!process.ok()) return process.status();
  process_.emplace(*std::move(process));
  const bool answers =
      Eventually([&] { return !process_->Running() || Docker({"info"}).exit_code == 0; },
                 std::chrono::seconds(60));
  if (answers && process_->Running()) return absl::OkStatus();
  return absl::UnavailableError("start dockerd: " + process_->err());
}

absl::Status DockerDaemon::Restart(int signal) {
  process_->Signal(signal);
  if (const auto ended = process_->Wait(); !ended.ok()) return ended.status();
  // A dockerd that finds its predecessor's containerd waits for an answer of it.
  std::istringstream file(ReadFile(run_dir() + "/docker/containerd/containerd.pid"));
  if (pid_t containerd = 0; file >> containerd && containerd > 0)
    Eventually([&] { return kill(containerd, 0) != 0; });
  return StartProcess();
}

DockerDaemon::~DockerDaemon() {
  if (directory_ == nullptr) return;
  if (process_) {
    std::istringstream ids(Docker({"ps", "-aq"}).out);
    for (std::string id; ids >> id;) Docker({"rm", "-f", id});
    process_->Signal(SIGTERM);
    if (!process_->Wait().ok()) process_->Signal(SIGKILL);
  }
  if (!options_.size.empty()) umount2(data_root().c_str(), MNT_DETACH);
}

Outcome DockerDaemon::Docker(const std::vector<std::string>& arguments) const {
  std::vector<std::string> line = {"docker", "-H", "unix://" + socket()};
  line.insert(line.end(), arguments.begin(), arguments.end());
  return RunProgram(line);
}

absl::Status DockerDaemon::Import(const std::string& rootfs, const std::string& image) const {
  const std::string archive = *directory_ / "image.tar";
  Outcome packed = RunProgram({"tar", "-C", rootfs, "--xattrs",
                               "--xattrs-include=security.capability", "-cf", archive, "."});
  if (packed.err.find("unrecognized option") != packed.err.npos)  // busybox, in a virtual machine
    packed = RunProgram({"tar", "-C", rootfs, "-cf", archive, "."});
  if (packed.exit_code != 0) return absl::InternalError("pack " + rootfs + ": " + packed.err);
  const Outcome imported = Docker({"import", archive, image});
  if (imported.exit_code == 0) return absl::OkStatus();
  return absl::InternalError("import " + rootfs + " as " + image + ": " + imported.err);
}

}  // namespace capmon

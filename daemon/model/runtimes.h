// SPDX-License-Identifier: Apache-2.0
// Where container runtimes listen: what capmond asks and what `capmon doctor` looks for.
#pragma once

#include <string>
#include <vector>

namespace capmon {

enum class RuntimeApi { kDocker, kCri };

struct RuntimeSocket {
  const char* runtime;
  RuntimeApi api;
  const char* path;
};

// The distributions of Kubernetes that bring a containerd of their own come before the one that a
// system's packages start, because capmond asks the first CRI socket that answers.
inline constexpr RuntimeSocket kRuntimeSockets[] = {
    {"docker", RuntimeApi::kDocker, "/run/docker.sock"},
    {"podman", RuntimeApi::kDocker, "/run/podman/podman.sock"},
    {"containerd (k3s, rke2)", RuntimeApi::kCri, "/run/k3s/containerd/containerd.sock"},
    {"containerd (k0s)", RuntimeApi::kCri, "/run/k0s/containerd.sock"},
    {"containerd (microk8s)", RuntimeApi::kCri, "/var/snap/microk8s/common/run/containerd.sock"},
    {"containerd", RuntimeApi::kCri, "/run/containerd/containerd.sock"},
    {"cri-o", RuntimeApi::kCri, "/run/crio/crio.sock"},
    {"cri-dockerd", RuntimeApi::kCri, "/run/cri-dockerd.sock"},
};

// The paths of those with that API, in this order.
std::vector<std::string> SocketsOf(RuntimeApi api);

}  // namespace capmon

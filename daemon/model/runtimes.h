// SPDX-License-Identifier: Apache-2.0
// Sockets of container runtimes: queried by capmond, and checked by `capmon doctor`.
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

// Kubernetes distributions with their own containerd come first, because capmond uses the first CRI
// socket that answers.
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

// The paths of the sockets with that API, in this order.
std::vector<std::string> SocketsOf(RuntimeApi api);

}  // namespace capmon

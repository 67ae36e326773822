// SPDX-License-Identifier: Apache-2.0
// pod_in_containerd ROOTFS CONFIG: runs a pod as kubelet does, in a containerd of its own, with one
// container: its image is ROOTFS, and CONFIG is a file with its ContainerConfig. Prints the
// container's id, and containerd's socket; ends both when standard input does. Without a network
// plug-in the pod has the network of the host.
#include <cstdio>
#include <iostream>
#include <string>

#include "tests/support/containerd_daemon.h"
#include "tests/support/temp_dir.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  auto containerd = capmon::ContainerdDaemon::Start(argv[1]);
  if (!containerd.ok()) {
    std::cerr << containerd.status() << "\n";
    return 1;
  }
  const auto id = containerd->RunPod({.name = "capmond",
                                      .name_space = "capmon",
                                      .container = "capmond",
                                      .command = {},
                                      .drop = {},
                                      .template_hash = ""},
                                     capmon::ReadFile(argv[2]));
  if (!id.ok()) {
    std::cerr << id.status() << "\n";
    return 1;
  }
  std::cout << *id << " " << containerd->socket() << std::endl;
  while (std::getchar() != EOF) continue;
  std::cerr << capmon::ReadFile(containerd->log());
  return 0;
}

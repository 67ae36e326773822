// SPDX-License-Identifier: Apache-2.0
// A workload: what containers that replace each other, or run side by side, have in common. A value
// with one spelling; daemon/attribution/workload_identity.h decides to which workload a container
// belongs.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace capmon {

// A container with this label is an instance of the workload that the label names.
inline constexpr char kWorkloadLabel[] = "capmon.workload";

struct Workload {
  enum class Kind {
    kPod,      // shop/deploy/web/nginx: namespace, controller, name, container
    kCompose,  // compose:shop/web: project, service
    kSwarm,    // swarm:shop_web
    kLabel,    // label:web: by the label capmon.workload
    kNamed,    // docker:web: a runtime, and a chosen name
    kImage,    // image:nginx+/docker-entrypoint.sh: the image without its tag, the program
    kUnit,     // unit:nginx.service
    kRun,      // run:make: by capmon run
    kHost,     // host
  };

  Kind kind = Kind::kHost;
  // The user id or the service whose own engine started it, "1000" or "ci.service", or which of
  // several engines of the system, "run-docker2.sock"; "" for the system's first. Printed in front:
  // ~1000/podman:web.
  std::string owner;
  std::string group;  // namespace, Compose project, or runtime
  std::string
      controller;  // of kPod: "deploy", "ds", "sts", "job", "cronjob", "static", "pod", "label"
  std::string name;
  std::string part;  // for kPod the container; for kImage its first program

  friend auto operator<=>(const Workload&, const Workload&) = default;
};

// Returns Workload::owner for the engine at this socket: "run-docker2.sock" of /run/docker2.sock;
// "" of "".
std::string OwnerOfEngine(std::string_view socket);

// Returns the one spelling, from which ParseWorkload() returns the same value. Writes special
// characters as %2f.
std::string Print(const Workload& workload);
// Returns nothing for any other text, also for a spelling that Print() does not use.
std::optional<Workload> ParseWorkload(std::string_view text);

}  // namespace capmon

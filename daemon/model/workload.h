// SPDX-License-Identifier: Apache-2.0
// The thing people deploy: what containers that replace each other, or run side by side, have in
// common. A value with one spelling; which workload a container belongs to is decided in
// daemon/attribution/workload_identity.h.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace capmon {

struct Workload {
  enum class Kind {
    kPod,      // shop/deploy/web/nginx: namespace, controller, name, container
    kCompose,  // compose:shop/web: project, service
    kSwarm,    // swarm:shop_web
    kLabel,    // label:web: by the label capmon.workload
    kNamed,    // docker:web: a runtime, and a name that a person chose
    kImage,    // image:nginx+/docker-entrypoint.sh: the image without its tag, the program
    kUnit,     // unit:nginx.service
    kRun,      // run:make: by capmon run
    kHost,     // host
  };

  Kind kind = Kind::kHost;
  // The user id or the service whose own engine started it, "1000" or "ci.service"; "" is the
  // system's. Printed in front: ~1000/podman:web.
  std::string owner;
  std::string group;  // namespace, Compose project, or runtime
  std::string
      controller;  // of kPod: "deploy", "ds", "sts", "job", "cronjob", "static", "pod", "label"
  std::string name;
  std::string part;  // of kPod the container; of kImage the program it was started with

  friend auto operator<=>(const Workload&, const Workload&) = default;
};

// The one spelling; ParseWorkload() of it is the same value. Characters that have a meaning in it
// are written as %2f.
std::string Print(const Workload& workload);
// Nothing for any other text, and for a spelling that Print() does not use.
std::optional<Workload> ParseWorkload(std::string_view text);

}  // namespace capmon

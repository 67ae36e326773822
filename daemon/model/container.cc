// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/container.h"

namespace capmon {

const char* Name(ContainerKind kind) {
  switch (kind) {
    case ContainerKind::kContainer: return "container";
    case ContainerKind::kUnit: return "unit";
    case ContainerKind::kSession: return "session";
    case ContainerKind::kHost: return "host";
    case ContainerKind::kUnknown: break;
  }
  return "unknown";
}

}  // namespace capmon

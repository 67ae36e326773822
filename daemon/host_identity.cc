// SPDX-License-Identifier: Apache-2.0
#include "daemon/host_identity.h"

#include <net/if.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string_view>

#include "daemon/base/regular_file.h"

namespace capmon {

std::string HostName() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string NodeName(const std::string& configured) {
  return configured.empty() ? HostName() : configured;
}

std::string MachineId() {
  constexpr size_t kDigits = 32, kMost = 128;
  const auto text = ReadRegularFile("/etc/machine-id", kMost);
  return text.ok() && text->size() >= kDigits ? text->substr(0, kDigits) : "";
}

bool HasNetwork() {
  using Names = struct if_nameindex;
  const std::unique_ptr<Names, decltype(&::if_freenameindex)> names(::if_nameindex(),
                                                                    &::if_freenameindex);
  if (names == nullptr) return false;
  for (const Names* name = names.get(); name->if_index != 0; ++name)
    if (std::string_view(name->if_name) != "lo") return true;
  return false;
}

}  // namespace capmon
